import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { defineRule, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant, sayList } from "#core/policy/say.ts";
import type { HeldLock } from "#core/release/state.ts";
import { compareInstants } from "#core/span.ts";

/** The key of the lock on a whole environment. */
export function environmentLock(environment: string): string {
  return `environment:${environment}`;
}

/**
 * The end that a holder gives is an expectation: the rule says hold and not wait, and yet the time behind it is open to
 * plans. A holder that is overdue, or gives no end, holds for as long as anybody can see.
 */
export const lockFree = defineRule({
  id: "lock-free",
  version: "1",
  title: "Nobody else holds the lock on the environment",
  reason: "Two deployments at once in one environment cannot be told apart when something breaks.",
  remedy: "Wait until the holder is done, or ask it to let go.",
  codes: ["lock-free", "lock-held"],
  needs: ["environment", "locks"],
  judge({ at, horizon, subject, environment, locks }) {
    const key = environmentLock(subject.environment);
    const others = locks.filter((lock) => lock.key === key && lock.holder !== subject.onBehalfOf);
    const zone = environment?.zone ?? null;
    const free = pass("lock-free", `Nobody else holds ${key}.`);
    const ends = others.flatMap(({ until }) => (until === null ? [] : [until]));
    return timelineOfMoments(ends, { from: at, to: horizon }, (moment) => {
      const held = others.filter((lock) => isHeldAt(lock, moment, at));
      return held.length === 0 ? free : heldBy(key, held, at, zone);
    });
  },
});

function isOverdue(lock: HeldLock, at: Temporal.Instant): boolean {
  return lock.until === null || compareInstants(lock.until, at) <= 0;
}

function isHeldAt(lock: HeldLock, moment: Temporal.Instant, at: Temporal.Instant): boolean {
  return isOverdue(lock, at) || lock.until === null || compareInstants(moment, lock.until) < 0;
}

function heldBy(key: string, held: readonly HeldLock[], at: Temporal.Instant, zone: string | null): Judgement {
  const holders = held.map((lock) => sayHolder(lock, at, zone));
  const sentence = `${key} is held by ${sayList(holders, "and")}.`;
  const remedies = held.map(
    (lock) => ({ kind: "free-lock", who: lock.holder, what: `Let go of ${key}, or abort ${nameOf(lock)}.` }) as const,
  );
  const evidence = held.map(({ holder, fence }) => ({
    kind: "lock",
    ref: holder,
    text: fence === null ? key : `${key}, fencing number ${fence}`,
  }));
  return refuse("hold", "lock-held", sentence, remedies, evidence);
}

function sayHolder(lock: HeldLock, at: Temporal.Instant, zone: string | null): string {
  if (lock.until === null) return `${nameOf(lock)}, with no end given`;
  const end = sayInstant(lock.until, zone);
  return isOverdue(lock, at) ? `${nameOf(lock)}, overdue since ${end}` : `${nameOf(lock)}, expected until ${end}`;
}

/** What people know the work by, and its id. */
function nameOf({ holder, subject }: HeldLock): string {
  return subject === undefined ? holder : `${subject} (${holder})`;
}
