import { z } from "zod";
import { checkedText, instantField, nameField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type JsonObject, member } from "#config/json.ts";
import { swapFields, swapProblems, wrongOrder } from "#config/kinds/rota.ts";
import { limits } from "#config/limits.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readEnd, readInstant } from "#config/time.ts";
import { hoursOfWeek, type LoadProfile } from "#core/calendar/advice/load-profile.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";

/*
 * The lists of a State that say how busy services are and who is on duty.
 */

const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

const timeOfDay = checkedText(
  (text) => {
    const end = readEnd(text);
    if (end.ok && end.value.kind === "wall" && text !== "24:00") return null;
    const message = "This is not a time of day.";
    return { code: "bad-local-time", message, remedy: "Write it like 22:00." };
  },
  { description: "Local time of day in the zone of the environment.", examples: ["22:00"] },
);

const batch = z.strictObject({
  name: nameField("Name of the batch."),
  from: timeOfDay,
  to: timeOfDay,
  days: z.array(z.enum(days)).min(1).max(7).optional().meta({
    description: "Days on which it begins; every day when left out.",
  }),
});

export const loadProfileFields = {
  service: nameField("Name of the service."),
  environment: nameField("Name of the environment."),
  hours: z
    .array(z.number().min(0).max(1e15))
    .length(hoursOfWeek)
    .meta({ description: `Load of each hour of the local week, from Monday 00:00 on: ${hoursOfWeek} numbers.` }),
  batches: z.array(batch).max(50).optional().meta({
    description: "When batches or maintenance of the service run: no good time to change what leans on it.",
  }),
};

const duty = z.strictObject({
  team: nameField("Name of the team."),
  person: nameField("Name of the person."),
  from: instantField("Begin."),
  to: instantField("End, not included."),
});

const list = <T extends z.ZodType>(item: T, description: string): z.ZodOptional<z.ZodArray<T>> =>
  z
    .array(item)
    .max(100 * limits.listLength)
    .optional()
    .meta({ description });

export const coverFields = {
  loadProfiles: list(z.strictObject(loadProfileFields), "How busy services are, hour by hour."),
  duties: list(duty, "Who is on duty, as another system says."),
  swaps: list(z.strictObject({ team: nameField("Name of the team."), ...swapFields }), "Swaps of shifts."),
};

interface CoverSpec {
  readonly loadProfiles?: readonly LoadProfileSpec[] | undefined;
  readonly duties?: readonly z.output<typeof duty>[] | undefined;
  readonly swaps?: z.output<typeof coverFields.swaps>;
}

type LoadProfileSpec = NonNullable<z.output<typeof coverFields.loadProfiles>>[number];

/** What the lists say, in the words of the core. */
export interface CoverState {
  readonly profiles: readonly LoadProfile[];
  readonly imported: readonly ImportedRota[];
  readonly swaps: readonly TeamSwap[];
}

export function toCoverState(spec: CoverSpec): CoverState {
  const duties = (spec.duties ?? []).map(({ team, person, from, to }) => ({
    team,
    duty: { person, from: instant(from), to: instant(to) },
  }));
  return {
    profiles: (spec.loadProfiles ?? []).map(toProfile),
    imported: [...Map.groupBy(duties, ({ team }) => team)].map(([team, rows]) => {
      const own = rows.map(({ duty: each }) => each);
      return { team, duties: own, until: own.map(({ to }) => to).reduce((a, b) => (isAfter(b, a) ? b : a)) };
    }),
    swaps: (spec.swaps ?? []).map(({ team, person, replaces, from, to }) => ({
      team,
      id: null,
      person: person ?? null,
      replaces: replaces ?? null,
      from: instant(from),
      to: instant(to),
    })),
  };
}

function isAfter(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}

function instant(text: string): Temporal.Instant {
  return checked(readInstant(text));
}

/** A profile as it is written, recorded and stored. */
export type LoadProfileText = JsonObject & { readonly service: string; readonly environment: string };

const loadProfile = z.strictObject(loadProfileFields);

/** The profiles of a State document that has passed its kind, as they are written. */
export function loadProfilesIn(spec: JsonObject): readonly LoadProfileText[] {
  return itemsOf(member(spec, "loadProfiles")).flatMap((row) => {
    const [service, environment] = [member(row, "service"), member(row, "environment")];
    if (!isJsonObject(row) || typeof service !== "string" || typeof environment !== "string") return [];
    return [{ ...row, service, environment }];
  });
}

/** Reads one that was stored. Throws for anything else. */
export function parseLoadProfile(stored: unknown): LoadProfile {
  return toProfile(loadProfile.parse(stored));
}

function toProfile({ service, environment, hours, batches }: LoadProfileSpec): LoadProfile {
  return {
    service,
    environment,
    hours,
    batches: (batches ?? []).map(({ name, from, to, days: on }) => ({ name, rule: weekly(from, to, on ?? days) })),
  };
}

/** A Monday long past: every batch is taken to have run since ever. */
const anchorDate = Temporal.PlainDate.from("2024-01-01");

function weekly(from: string, to: string, on: readonly string[]): LocalRule {
  return {
    zone: "target",
    start: anchorDate.toPlainDateTime(Temporal.PlainTime.from(from)),
    rrule: on.length === days.length ? "FREQ=DAILY" : `FREQ=WEEKLY;BYDAY=${on.join(",")}`,
    end: checked(readEnd(to)),
    exdates: [],
  };
}

export function coverProblems(spec: JsonObject): readonly FieldProblem[] {
  return [
    ...itemsOf(member(spec, "duties")).flatMap((row, index) => wrongOrder(row, ["spec", "duties", index])),
    ...swapProblems(itemsOf(member(spec, "swaps")), "swaps"),
  ];
}
