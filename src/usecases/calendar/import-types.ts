import type { BusinessCalendar, BusinessEvent, CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import type { ReflowKind } from "#core/calendar/business/reflow.ts";
import type { BookingId, DeploymentId } from "#core/id.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";

/** Reads iCalendar text; `connectors/ical` does. All or nothing. */
export type ReadCalendar = (
  text: string,
  zone: string,
  between: Span,
) => Result<readonly BusinessEvent[], CalendarTextFault>;

export interface CalendarTextFault {
  readonly line: number | null;
  readonly event: string | null;
  readonly message: string;
}

/** The last good import of a calendar. */
export interface SourceState {
  readonly calendar: string;
  readonly text: string;
  readonly digest: string;
  readonly zone: string;
  readonly etag: string | null;
  readonly importedAt: Temporal.Instant;
  readonly importedBy: string;
  /** Recurring events are expanded up to here. */
  readonly expandedTo: Temporal.Instant;
}

/** How the last attempt to read a source went. */
export interface AttemptState {
  readonly calendar: string;
  readonly at: Temporal.Instant;
  readonly nextAt: Temporal.Instant;
  /** null: it went well. */
  readonly failure: string | null;
  readonly failingSince: Temporal.Instant | null;
}

export interface EventChanges {
  readonly added: readonly BusinessEvent[];
  readonly removed: readonly BusinessEvent[];
  readonly unchanged: number;
}

/** A booking that has not begun, where it stands in the calendar. */
export interface OpenBooking {
  readonly deployment: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  /** It was allowed and starts as soon as its environment is free: nothing is earlier. */
  readonly isQueued: boolean;
  readonly planned: Span;
}

export const itemStates = ["open", "accepted", "declined", "outdated"] as const;
export type ItemState = (typeof itemStates)[number];

/** One booking that a batch proposes to move. */
export interface ReflowItem {
  readonly position: number;
  readonly kind: ReflowKind;
  readonly deployment: DeploymentId;
  /** The event it is about, as findings name it. */
  readonly event: string;
  readonly oldSlot: Span;
  /** null: no legal slot is known within the horizon. */
  readonly newSlot: Span | null;
  readonly sentence: string;
  readonly state: ItemState;
  readonly decidedBy: string | null;
  readonly decidedAt: Temporal.Instant | null;
}

/** What one import proposes, as one object that a person decides on. */
export interface Reflow {
  readonly id: string;
  readonly calendar: string;
  readonly at: Temporal.Instant;
  readonly sentence: string;
  readonly items: readonly ReflowItem[];
}

/** An item as a new batch holds it: nobody has decided yet. */
export type ProposedMove = Omit<ReflowItem, "position" | "state" | "decidedBy" | "decidedAt">;

export interface BusinessCalendarRecords {
  /** The calendars that the configuration in force declares. */
  readonly declared: () => Promise<readonly BusinessCalendar[]>;
  readonly source: (calendar: string) => Promise<SourceState | null>;
  readonly attempts: () => Promise<readonly AttemptState[]>;
  readonly saveAttempt: (attempt: AttemptState) => Promise<void>;
  /** Stores text and occurrences; rows of before keep their time. One import of a calendar at a time. */
  readonly saveImport: (state: SourceState, events: readonly BusinessEvent[]) => Promise<EventChanges>;
  /** Occurrences in force that meet the span, by start. */
  readonly events: (between: Span, at: Temporal.Instant) => Promise<readonly CalendarEvent[]>;
  /** Waiting and queued work and where it is planned, by planned start; at most `limit`. */
  readonly openBookings: (limit: number) => Promise<readonly OpenBooking[]>;
  readonly insertReflow: (reflow: Omit<Reflow, "items">, moves: readonly ProposedMove[]) => Promise<void>;
  /** Locks its items for this transaction. */
  readonly findReflow: (id: string) => Promise<Reflow | null>;
  readonly decideItem: (
    reflow: string,
    position: number,
    decision: { readonly state: ItemState; readonly by: string | null; readonly at: Temporal.Instant },
  ) => Promise<void>;
  /** Open items about these deployments become outdated: a new batch says it anew. */
  readonly outdateItems: (deployments: readonly DeploymentId[], at: Temporal.Instant) => Promise<void>;
  /** Moves that were accepted because of an event and whose work has not begun. */
  readonly acceptedMoves: (events: readonly string[]) => Promise<readonly ReflowItem[]>;
}
