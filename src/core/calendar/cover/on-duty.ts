import { dayMs, toLocalMs } from "#core/calendar/civil.ts";
import { occurrencesOf } from "#core/calendar/expand.ts";
import type { Duty, Shift, Swap, TeamCover } from "#core/calendar/cover/rota.ts";
import { difference, instantOf, setOfSpans, spansIn, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import { err, ok, type Result } from "#core/result.ts";
import { compareInstants, type Span } from "#core/span.ts";

/** Longest shift: an on-call of two weeks. Whoever asks about an instant looks back this far. */
export const maxShiftDays = 14;

/** When each person of a team is on duty, by person; clipped to nothing, so spans may reach out of the range. */
export type Roster = ReadonlyMap<string, SpanSet>;

/**
 * Who of a team is on duty within a span: shifts in rotation and imported duties, less those that a swap replaces, plus
 * those that step in. Error: a shift that cannot be read, with its name.
 */
export function rosterOf(cover: TeamCover, between: Span): Result<Roster, string> {
  const duties: Duty[] = cover.duties.filter((duty) => overlaps(duty, between));
  for (const shift of cover.shifts) {
    const found = dutiesOf(shift, between);
    if (!found.ok) return err(found.error);
    duties.push(...found.value);
  }
  const swaps = cover.swaps.filter((swap) => overlaps(swap, between));
  const stepIns = swaps.flatMap(({ person, from, to }) => (person === null ? [] : [{ person, from, to }]));
  const persons = [...new Set([...duties, ...stepIns].map(({ person }) => person))].toSorted();
  return ok(
    new Map(
      persons.map((person) => {
        const planned = setOfSpans(duties.filter((duty) => duty.person === person));
        const there = difference(planned, awayTime(swaps, person));
        return [person, unionOf([there, setOfSpans(stepIns.filter((duty) => duty.person === person))])];
      }),
    ),
  );
}

/** When swaps say that a person is away. */
export function awayTime(swaps: readonly Swap[], person: string): SpanSet {
  return setOfSpans(swaps.filter(({ replaces }) => replaces === person));
}

function overlaps(span: Span, between: Span): boolean {
  return compareInstants(span.from, between.to) < 0 && compareInstants(between.from, span.to) < 0;
}

/** Turns go by the local date on which a shift begins, so neither clock changes nor left-out days move them. */
function dutiesOf(shift: Shift, between: Span): Result<readonly Duty[], string> {
  const from = between.from.subtract({ hours: 24 * (maxShiftDays + 1) });
  const found = occurrencesOf("window", shift.rule, shift.rule.zone, { from, to: between.to });
  if (!found.ok) return err(`shift ${shift.name}: ${found.error.message}`);
  const anchorDay = Math.floor(toLocalMs(shift.rule.start) / dayMs);
  const duties = found.value.flatMap(({ localMs, startMs, endMs }): readonly Duty[] => {
    const turn = Math.floor((Math.floor(localMs / dayMs) - anchorDay) / shift.handoverDays);
    const person = shift.persons[turn % shift.persons.length];
    return person === undefined || endMs <= startMs ? [] : [{ person, from: instantOf(startMs), to: instantOf(endMs) }];
  });
  return ok(duties.filter((duty) => overlaps(duty, between)));
}

/** When anybody at all is on duty. */
export function coveredTime(roster: Roster): SpanSet {
  return unionOf([...roster.values()]);
}

/** Who is on duty at some time within a span, by name. */
export function onDutyWithin(roster: Roster, span: Span): readonly string[] {
  return [...roster].filter(([, set]) => spansIn(set).some((duty) => overlaps(duty, span))).map(([person]) => person);
}
