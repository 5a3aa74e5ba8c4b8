import type { BusinessCalendar, BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { effectOf, eventName } from "#core/calendar/business/effects.ts";
import { isLegal, overlaps, slotBefore, slotInstead } from "#core/calendar/business/reflow.ts";
import { matchesScope } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { isBefore, type Span } from "#core/span.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { EventChanges, OpenBooking, ProposedMove } from "#usecases/calendar/import-types.ts";
import type { Records } from "#usecases/records.ts";

/** Bookings that one import looks at; the rest finds its place at its next judgement. */
export const maxBookingsLookedAt = 2_000;

export interface ProposeDeps {
  readonly judge: Judge;
}

/**
 * What an import means for work that has not begun: a new slot for what is blocked, an earlier one for what had better
 * go first, and the old one for what had moved because of an event that is gone. Proposals only; nothing moves here.
 */
export async function proposeMoves(
  deps: ProposeDeps,
  records: Records,
  calendar: BusinessCalendar,
  changes: EventChanges,
  at: Temporal.Instant,
): Promise<readonly ProposedMove[]> {
  const added = changes.added.filter((event) => isBefore(at, event.to) || !isBefore(event.from, at));
  const blackouts = added.filter((event) => effectOf(calendar, event)?.effect === "blackout");
  const advisories = added.filter((event) => effectOf(calendar, event)?.effect === "pull-forward");
  const moves: ProposedMove[] = [];
  if (blackouts.length + advisories.length > 0) {
    for (const booking of await records.business.openBookings(maxBookingsLookedAt)) {
      const move = await moveFor(deps, records, { calendar, blackouts, advisories, booking, at });
      if (move !== null) moves.push(move);
    }
  }
  return [...moves, ...(await restored(deps, records, calendar, changes, at))];
}

interface Question {
  readonly calendar: BusinessCalendar;
  readonly blackouts: readonly BusinessEvent[];
  readonly advisories: readonly BusinessEvent[];
  readonly booking: OpenBooking;
  readonly at: Temporal.Instant;
}

async function moveFor(deps: ProposeDeps, records: Records, question: Question): Promise<ProposedMove | null> {
  const { calendar, booking } = question;
  const blackout = question.blackouts.find((event) => overlaps(event, booking.planned));
  const advisory = question.advisories.find((event) => concerns(event, booking));
  if (blackout === undefined && advisory === undefined) return null;
  const facts = await factsFor(records, booking, question.at);
  const scope = subjectScope(facts);
  if (scope === null || !matchesScope(calendar.scope, scope)) return null;
  const verdict = deps.judge(facts);
  if (blackout !== undefined && !isLegal(verdict, booking.planned))
    return blocked(calendar, blackout, booking, verdict);
  return advisory === undefined ? null : pulledForward(calendar, advisory, booking, verdict);
}

function concerns(event: BusinessEvent, { subject }: OpenBooking): boolean {
  return event.services.length === 0 || event.services.includes(subject.service);
}

/** Without the slot that was agreed on: it is what a proposal would take the place of. */
async function factsFor(
  records: Records,
  { deployment, subject }: Pick<OpenBooking, "deployment" | "subject">,
  at: Temporal.Instant,
): Promise<Facts> {
  const facts = await records.facts.load({ ...subject, onBehalfOf: deployment }, at, horizonOf(at));
  return { ...facts, agreedSlot: null };
}

function blocked(
  calendar: BusinessCalendar,
  event: BusinessEvent,
  { deployment, subject, planned }: OpenBooking,
  verdict: Verdict,
): ProposedMove {
  const newSlot = slotInstead(verdict, planned);
  const what = `${subject.service} ${subject.version} to ${subject.environment} falls into ${event.summary}`;
  const then =
    newSlot === null ? "no legal slot is known yet" : `the next legal slot begins ${newSlot.from.toString()}`;
  const name = eventName({ calendar: calendar.name, event });
  return { kind: "blocked", deployment, event: name, oldSlot: planned, newSlot, sentence: `${what}; ${then}.` };
}

function pulledForward(
  calendar: BusinessCalendar,
  event: BusinessEvent,
  { deployment, subject, planned, isQueued }: OpenBooking,
  verdict: Verdict,
): ProposedMove {
  const newSlot = isQueued ? null : slotBefore(verdict, planned);
  const what = `${event.summary} asks for ${subject.service} ${subject.version} in ${subject.environment} to go early`;
  const then =
    newSlot === null
      ? isQueued
        ? "it stands in the queue already and starts as soon as its environment is free"
        : "it stands at its first legal slot already; an earlier one needs an emergency"
      : `it could go at ${newSlot.from.toString()}`;
  const name = eventName({ calendar: calendar.name, event });
  return { kind: "pull-forward", deployment, event: name, oldSlot: planned, newSlot, sentence: `${what}; ${then}.` };
}

/** An event that is gone gives the old slots back to those who want them. */
async function restored(
  { judge }: ProposeDeps,
  records: Records,
  calendar: BusinessCalendar,
  { removed, added }: EventChanges,
  at: Temporal.Instant,
): Promise<readonly ProposedMove[]> {
  const still = new Set(added.map((event) => eventName({ calendar: calendar.name, event })));
  const gone = removed.map((event) => eventName({ calendar: calendar.name, event })).filter((name) => !still.has(name));
  if (gone.length === 0) return [];
  const moves: ProposedMove[] = [];
  for (const item of await records.business.acceptedMoves(gone)) {
    const record = await records.deployments.find(item.deployment);
    if (record === null || item.newSlot === null || !isBefore(at, item.oldSlot.from)) continue;
    const verdict = judge(await factsFor(records, { deployment: item.deployment, subject: record.subject }, at));
    if (!isLegal(verdict, item.oldSlot)) continue;
    moves.push(giveBack(item.deployment, item.event, item.newSlot, item.oldSlot));
  }
  return moves;
}

function giveBack(deployment: ProposedMove["deployment"], event: string, now: Span, old: Span): ProposedMove {
  const sentence = `The event ${event} is gone; the slot of before, ${old.from.toString()}, is free again.`;
  return { kind: "restore", deployment, event, oldSlot: now, newSlot: old, sentence };
}
