import type { Rota, RotaSubscription } from "#core/calendar/cover/rota.ts";
import type { ShiftEvent } from "#core/calendar/cover/shift-event.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import type { UnknownName } from "#usecases/calendar/cover-types.ts";
import type { CalendarTextFault } from "#usecases/calendar/import-types.ts";

/** Reads iCalendar text as shifts; `connectors/ical` does. All or nothing. */
export type ReadShifts = (
  text: string,
  zone: string,
  between: Span,
) => Result<readonly ShiftEvent[], CalendarTextFault>;

/** A calendar in which every event is a shift of the team. */
export interface ShiftCalendar {
  readonly team: string;
  /** System or file that says so; the next import from it takes its place. */
  readonly source: string;
  /** Of days and of times that name none. */
  readonly zone: string;
  /** What the calendar calls somebody → person. */
  readonly persons: Readonly<Record<string, string>>;
  /** Shifts are known up to here; null: the end of the last one. */
  readonly until: Temporal.Instant | null;
}

export type ShiftRefusal =
  | UnknownName
  | { readonly code: "no-shifts" }
  | { readonly code: "invalid-calendar"; readonly fault: CalendarTextFault }
  | { readonly code: "feed-failed"; readonly message: string };

/** A declared rota whose shifts another system publishes. */
export interface SubscribedRota extends Pick<Rota, "name" | "team"> {
  readonly subscription: RotaSubscription;
}

/** The last good state of a subscription, and how the last attempt went. */
export interface SubscriptionState {
  readonly rota: string;
  readonly team: string;
  /** Digest of what the rota declared at the last attempt. */
  readonly settings: string;
  /** Digest of the text that was imported last by these settings; null: it has to be read anew. */
  readonly digest: string | null;
  readonly etag: string | null;
  /** null: never read. */
  readonly importedAt: Temporal.Instant | null;
  readonly expandedTo: Temporal.Instant | null;
  readonly attemptedAt: Temporal.Instant;
  readonly nextAt: Temporal.Instant;
  /** null: the last attempt went well. */
  readonly failure: string | null;
  readonly failingSince: Temporal.Instant | null;
}

/** An import in force, as lists show it. */
export interface ImportInForce {
  readonly team: string;
  readonly source: string;
  readonly importedAt: Temporal.Instant;
  readonly importedBy: string;
  readonly until: Temporal.Instant;
  readonly duties: number;
}

export interface SubscriptionRecords {
  /** The subscriptions that the configuration in force declares. */
  readonly subscribed: () => Promise<readonly SubscribedRota[]>;
  readonly subscriptions: () => Promise<readonly SubscriptionState[]>;
  readonly saveSubscription: (state: SubscriptionState) => Promise<void>;
  readonly forgetSubscription: (rota: string) => Promise<void>;
  /** Ends the imports of a source, those of `exceptTeam` not. True when there was one. */
  readonly endImports: (source: string, exceptTeam: string | null, at: Temporal.Instant) => Promise<boolean>;
  readonly importsInForce: (limit: number) => Promise<readonly ImportInForce[]>;
}
