import type { BusinessCalendar, BusinessEvent, CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Span } from "#core/span.ts";
import {
  attempts,
  eventsIn,
  findSource,
  saveAttempt,
  saveImport,
  type StoredAttempt,
  type StoredChanges,
  type StoredSource,
} from "./business-calendar.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import {
  acceptedMoves,
  decideItem,
  findReflow,
  insertReflow,
  openBookings,
  outdateItems,
  type StoredItem,
  type StoredItemState,
  type StoredMove,
  type StoredOpenBooking,
  type StoredReflow,
} from "./reflow.ts";
import type { Queryable } from "./sql.ts";

/** Calendars from outside and what they propose, in the transaction of `client`. */
export interface BusinessRecords {
  readonly business: {
    readonly declared: () => Promise<readonly BusinessCalendar[]>;
    readonly source: (calendar: string) => Promise<StoredSource | null>;
    readonly attempts: () => Promise<readonly StoredAttempt[]>;
    readonly saveAttempt: (attempt: StoredAttempt) => Promise<void>;
    readonly saveImport: (state: StoredSource, events: readonly BusinessEvent[]) => Promise<StoredChanges>;
    readonly events: (between: Span, at: Temporal.Instant) => Promise<readonly CalendarEvent[]>;
    readonly openBookings: (limit: number) => Promise<readonly StoredOpenBooking[]>;
    readonly insertReflow: (reflow: Omit<StoredReflow, "items">, moves: readonly StoredMove[]) => Promise<void>;
    readonly findReflow: (id: string) => Promise<StoredReflow | null>;
    readonly decideItem: (
      reflow: string,
      position: number,
      decision: { readonly state: StoredItemState; readonly by: string | null; readonly at: Temporal.Instant },
    ) => Promise<void>;
    readonly outdateItems: (deployments: readonly DeploymentId[], at: Temporal.Instant) => Promise<void>;
    readonly acceptedMoves: (events: readonly string[]) => Promise<readonly StoredItem[]>;
  };
}

export function businessRecordsOf(client: Queryable, organisations: OrganisationCache): BusinessRecords {
  return {
    business: {
      declared: async () => (await organisationInForce(client, organisations)).calendars,
      source: (calendar) => findSource(client, calendar),
      attempts: () => attempts(client),
      saveAttempt: (attempt) => saveAttempt(client, attempt),
      saveImport: (state, events) => saveImport(client, state, events),
      events: (between, at) => eventsIn(client, between, at),
      openBookings: (limit) => openBookings(client, limit),
      insertReflow: (reflow, moves) => insertReflow(client, reflow, moves),
      findReflow: (id) => findReflow(client, id),
      decideItem: (reflow, position, decision) => decideItem(client, reflow, position, decision),
      outdateItems: (deployments, at) => outdateItems(client, deployments, at),
      acceptedMoves: (events) => acceptedMoves(client, events),
    },
  };
}
