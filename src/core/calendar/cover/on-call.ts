import { unknownWhy } from "#core/calendar/cover/cover-for.ts";
import { onDutyWithin, rosterOf } from "#core/calendar/cover/on-duty.ts";
import { teamCovers, type RotaSources } from "#core/calendar/cover/team-cover.ts";

/** Who of a team is to be reached at an instant. */
export interface OnCall {
  readonly team: string;
  /** By name. */
  readonly persons: readonly string[];
  /** Why that is not known, part of a sentence; null: it is. */
  readonly unknown: string | null;
}

export function onCallAt(team: string, sources: RotaSources, at: Temporal.Instant): OnCall {
  const covers = teamCovers([{ service: "", team, tier: 0 }], sources);
  const cover = covers === "none" ? undefined : covers[0];
  const span = { from: at, to: at.add({ milliseconds: 1 }) };
  const roster = cover === undefined ? null : rosterOf(cover, span);
  const unknown = unknownWhy(cover, roster, span);
  const persons = roster?.ok === true ? onDutyWithin(roster.value, span).toSorted() : [];
  return { team, persons, unknown };
}
