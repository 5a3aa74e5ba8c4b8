import type { BusinessCalendar, BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { effectOf, endlessEvent } from "#core/calendar/business/effects.ts";
import { rangeOf } from "#core/calendar/business/import-range.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import type { CalendarTextFault, EventChanges, ReadCalendar, SourceState } from "#usecases/calendar/import-types.ts";
import { proposeMoves, type ProposeDeps } from "#usecases/calendar/reflow-propose.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { DigestOf } from "#usecases/release/content.ts";

export interface ImportDeps extends ProposeDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly read: ReadCalendar;
  readonly digestOf: DigestOf;
  readonly newReflowId: () => string;
}

export interface ImportInput {
  readonly calendar: string;
  readonly text: string;
  readonly etag: string | null;
}

export interface ImportOutcome {
  readonly calendar: string;
  readonly added: number;
  readonly removed: number;
  readonly unchanged: number;
  /** The batch of proposals; null when no booking is concerned. */
  readonly reflow: string | null;
}

export type ImportRefusal =
  | { readonly code: "no-such-calendar" }
  | { readonly code: "invalid-calendar"; readonly fault: CalendarTextFault };

export type ImportCalendar = (input: ImportInput, call: Call) => Promise<Result<ImportOutcome, ImportRefusal>>;

/**
 * Takes a text as the whole calendar. In one transaction: occurrences, proposals for the bookings concerned, waiting
 * work made due, audit entry. A text that is not right changes nothing.
 */
export function makeImportCalendar(deps: ImportDeps): ImportCalendar {
  return (input, call) => deps.transact((records) => importInto(deps, records, input, call));
}

/** The same inside a transaction of the caller's. */
export async function importInto(
  deps: ImportDeps,
  records: Records,
  input: ImportInput,
  call: Call,
): Promise<Result<ImportOutcome, ImportRefusal>> {
  const at = deps.now();
  const calendar = (await records.business.declared()).find(({ name }) => name === input.calendar);
  if (calendar === undefined) return err({ code: "no-such-calendar" });
  const range = rangeOf(at);
  const events = readFor(deps, calendar, input.text, range);
  if (!events.ok) return err({ code: "invalid-calendar", fault: events.error });
  const state: SourceState = {
    calendar: calendar.name,
    text: input.text,
    digest: deps.digestOf(input.text),
    zone: calendar.zone,
    etag: input.etag,
    importedAt: at,
    importedBy: call.actor.person,
    expandedTo: range.to,
  };
  const isFirst = (await records.business.source(calendar.name)) === null;
  const changes = await records.business.saveImport(state, events.value);
  const reflow = await proposeInto(deps, records, calendar, changes, at);
  const { added, removed, unchanged } = changes;
  const outcome = { calendar: calendar.name, added: added.length, removed: removed.length, unchanged, reflow };
  // A calendar that was never read closes its scope: its first reading opens it, whatever it holds.
  if (isFirst || added.length + removed.length > 0) {
    await records.deployments.wake(null, at);
    await appendEntry(records, at, call, outcome, state.digest);
  }
  return ok(outcome);
}

/** Reads the text; an event that would stop changes must say until when. */
function readFor(
  { read }: ImportDeps,
  calendar: BusinessCalendar,
  text: string,
  range: Span,
): Result<readonly BusinessEvent[], CalendarTextFault> {
  const events = read(text, calendar.zone, range);
  if (!events.ok) return events;
  const endless = endlessEvent(calendar, events.value);
  if (endless === null) return events;
  const message = `it has no end (DTEND or DURATION), and events of its kind last (${effectOf(calendar, endless)?.effect ?? ""})`;
  return err({ line: null, event: endless.uid, message });
}

/** The id of the batch; null when there is nothing to propose. */
async function proposeInto(
  deps: ImportDeps,
  records: Records,
  calendar: BusinessCalendar,
  changes: EventChanges,
  at: Temporal.Instant,
): Promise<string | null> {
  const moves = await proposeMoves(deps, records, calendar, changes, at);
  if (moves.length === 0) return null;
  const id = deps.newReflowId();
  await records.business.outdateItems(
    moves.map(({ deployment }) => deployment),
    at,
  );
  const count = moves.length === 1 ? "One booking" : `${moves.length} bookings`;
  const sentence = `${count} should move because of the calendar ${calendar.name}.`;
  await records.business.insertReflow({ id, calendar: calendar.name, at, sentence }, moves);
  return id;
}

async function appendEntry(
  records: Records,
  at: Temporal.Instant,
  call: Call,
  outcome: ImportOutcome,
  digest: string,
): Promise<void> {
  await records.audit.append({
    at,
    actor: call.actor,
    action: "calendar.import",
    object: `calendar/${outcome.calendar}`,
    outcome: "imported",
    reason: null,
    verdict: null,
    requestId: call.requestId,
    before: null,
    after: { ...outcome, digest },
  });
}
