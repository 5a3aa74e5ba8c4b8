import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { environmentLock } from "#core/policy/rules/lock-free.ts";
import { elapsedMs, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { Reservation } from "#core/plan/reservation.ts";

/**
 * A run must be over before the reservation begins (P95; an instant where nobody knows how long it takes). Going back is
 * let through: whoever has reserved is served by what was there before as well.
 */
export const notReserved = defineRule({
  id: "not-reserved",
  version: "2",
  title: "No other team has reserved the environment for that time",
  reason: "A team that tests in an environment must know that nobody else changes it meanwhile.",
  remedy: "Wait until the reservation ends, or ask its team to let go early.",
  codes: ["no-reservation", "goes-back", "own-reservation", "reserved-later", "reserved"],
  overridable: ["reserved"],
  needs: ["service", "environment", "reservations", "durations"],
  judge({ at, horizon, subject, service, environment, reservations, durations }) {
    const key = environmentLock(subject.environment);
    const there = reservations.filter(({ place, to }) => place === key && isAfter(to, at));
    if (there.length === 0) return always(at, none);
    if (subject.action === "roll-back") return always(at, goesBack);
    const others = there.filter(({ team }) => team !== service?.team);
    if (others.length === 0) return always(at, own);
    const expected = durations.find(
      (one) => one.service === subject.service && one.environment === subject.environment,
    );
    const runMs = expected === undefined ? 0 : Math.ceil(elapsedMs(expected.p95));
    const taken = others.map((one) => ({ ...one, lastStart: one.from.subtract({ milliseconds: runMs }) }));
    const about: About = { environment: subject.environment, zone: environment?.zone ?? null };
    const moments = taken.flatMap(({ lastStart, to }) => [lastStart, to]);
    return timelineOfMoments(moments, { from: at, to: horizon }, (moment) => {
      const met = taken.filter(({ to, lastStart }) => !isAfter(lastStart, moment) && isAfter(to, moment));
      return met.length === 0 ? laterOf(taken, about) : takenBy(met, about);
    });
  },
});

const none = notApplicable("no-reservation", "Nobody has reserved the environment.");
const goesBack = notApplicable("goes-back", "Going back does not wait for a reservation.");
const own = pass("own-reservation", "Nobody but its own team has reserved the environment.");

interface About {
  readonly environment: string;
  readonly zone: string | null;
}

function laterOf(others: readonly Reservation[], { environment, zone }: About): Judgement {
  return pass(
    "reserved-later",
    `${environment} is free; ${sayList(
      others.map((one) => sayWho(one, zone)),
      "and",
    )}.`,
  );
}

function takenBy(met: readonly Reservation[], { environment, zone }: About): Judgement {
  const sentence = `${environment} is reserved: ${sayList(
    met.map((one) => sayWho(one, zone)),
    "and",
  )}.`;
  const last = latestOf(met.map(({ to }) => to));
  const wait: Remedy[] =
    last === null ? [] : [{ kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` }];
  const parts = met.map((one): StoppingPart => {
    const remedies = [
      { kind: "free-lock", who: one.team, what: `Let go of the reservation ${one.id} early.` } as const,
    ];
    return { subject: one.id, code: "reserved", said: sayWho(one, zone), remedies };
  });
  const evidence = met.map(({ id, team, reason }) => ({ kind: "reservation", ref: id, text: `${team}: ${reason}` }));
  const remedies = [...wait, ...parts.flatMap((part) => part.remedies)];
  return { outcome: "wait", code: "reserved", sentence, remedies, evidence, parts };
}

function sayWho({ team, from, to }: Reservation, zone: string | null): string {
  return `${team} has it from ${sayInstant(from, zone)} until ${sayInstant(to, zone)}`;
}
