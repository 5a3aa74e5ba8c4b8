import { z } from "zod";
import { durationField, instantField, listField, nameField, textField, zoneField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { addressProblems, defaultRefresh, refreshField, refreshProblems } from "#config/kinds/calendar.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked, expansionProblems, localRuleFields, ruleProblems, toLocalRule } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { readDuration, readInstant } from "#config/time.ts";
import { maxShiftDays } from "#core/calendar/cover/on-duty.ts";
import { defaultStabilisation, type Rota } from "#core/calendar/cover/rota.ts";
import { elapsedMs } from "#core/policy/say.ts";

const { start, rrule, end, duration, exdates } = localRuleFields;

const shift = z.strictObject({
  name: nameField("Name of the shift."),
  start,
  rrule,
  end,
  duration,
  exdates,
  persons: z
    .array(nameField("Name of a person."))
    .min(1)
    .max(100)
    .meta({ description: "They take turns, in this order." }),
  handoverDays: z.number().int().min(1).max(366).optional().meta({
    description: "Days between two handovers, counted from the date of `start`. 7 when left out: a week each.",
  }),
});

/** The fields of a swap, for the rota and for what a State says of it. */
export const swapFields = {
  person: nameField("Who steps in; left out when nobody does.").optional(),
  replaces: nameField("Who is away; left out when `person` comes on top.").optional(),
  from: instantField("Begin."),
  to: instantField("End, not included."),
};

const schema = z.strictObject({
  team: nameField("Team that is to be reached."),
  zone: zoneField,
  stabilisation: durationField(
    "How long after a go-live somebody must still be on duty. Two hours when left out.",
  ).optional(),
  shifts: z
    .array(shift)
    .min(1)
    .max(50)
    .optional()
    .meta({ description: "Recurring shifts, in local time of the zone. Either these or `source`." }),
  source: z
    .strictObject({ url: textField("Address of an iCalendar feed, http or https.") })
    .optional()
    .meta({ description: "Where another system publishes the shifts: every event is one. Either this or `shifts`." }),
  refresh: refreshField,
  persons: z.record(z.string().min(1).max(200), nameField("Name of a person.")).optional().meta({
    description:
      "Who is meant by the events of `source`: address of an ATTENDEE or ORGANIZER, or SUMMARY → person. Case does not matter.",
  }),
  swaps: listField(z.strictObject(swapFields), "Deviations from the shifts that were agreed on beforehand."),
});

export const rota = defineKind({
  kind: "Rota",
  summary:
    "Who of a team is to be reached when: recurring shifts with persons in rotation. Go-live and stabilisation of a change need somebody on duty in every team that would feel its failure.",
  example: `kind: Rota
metadata: { name: checkout-on-call }
spec:
  team: checkout
  zone: Europe/Berlin
  stabilisation: PT2H
  shifts:
    - { name: day, start: 2026-01-05T08:00, rrule: FREQ=DAILY, end: "20:00", persons: [ann, bob] }
    - { name: night, start: 2026-01-05T20:00, rrule: FREQ=DAILY, end: "08:00", persons: [bob, ann] }
  swaps: [{ person: ann, replaces: bob, from: 2026-03-28T00:00:00Z, to: 2026-03-28T07:00:00Z }]`,
  schema,
  references: (spec) => [
    ...referenceAt(spec, "team", ["Team"]),
    ...itemsOf(member(spec, "shifts")).flatMap((item, index) =>
      itemsOf(member(item, "persons")).flatMap((name, place) =>
        toPerson(name, ["spec", "shifts", index, "persons", place]),
      ),
    ),
    ...itemsOf(member(spec, "swaps")).flatMap((item, index) => swapReferences(item, ["spec", "swaps", index])),
    ...Object.entries(objectOf(member(spec, "persons"))).flatMap(([name, person]) =>
      toPerson(person, ["spec", "persons", name]),
    ),
  ],
  check: (spec) => [
    ...sourceProblems(spec),
    ...refreshProblems(spec),
    ...itemsOf(member(spec, "shifts")).flatMap(shiftProblems),
    ...swapProblems(itemsOf(member(spec, "swaps")), "swaps"),
  ],
  verify: ({ shifts }: Rota) => shifts.flatMap((each, index) => under(index, lateProblems(each))),
  whyMandatory: {
    zone: "Name an IANA zone such as Europe/Berlin; shifts are in local time, and there is no default zone.",
  },
  toDomain: (name, spec): Rota => ({
    name,
    team: spec.team,
    stabilisation: spec.stabilisation === undefined ? defaultStabilisation : checked(readDuration(spec.stabilisation)),
    shifts: (spec.shifts ?? []).map((each) => ({
      name: each.name,
      rule: toLocalRule({ ...each, zone: spec.zone }),
      persons: each.persons,
      handoverDays: each.handoverDays ?? 7,
    })),
    swaps: (spec.swaps ?? []).map((each) => ({
      id: null,
      person: each.person ?? null,
      replaces: each.replaces ?? null,
      from: checked(readInstant(each.from)),
      to: checked(readInstant(each.to)),
    })),
    subscription:
      spec.source === undefined
        ? null
        : {
            url: spec.source.url,
            zone: spec.zone,
            refresh: spec.refresh === undefined ? defaultRefresh : checked(readDuration(spec.refresh)),
            persons: spec.persons ?? {},
          },
  }),
});

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}

/** Shifts that are written out, or an address that publishes them: with both nobody could say which holds. */
function sourceProblems(spec: JsonObject): readonly FieldProblem[] {
  const source = member(spec, "source");
  const hasShifts = member(spec, "shifts") !== undefined;
  const remedy = "Write either shifts or source: { url: … }.";
  if (hasShifts === (source !== undefined)) {
    const message = hasShifts ? "The rota has shifts and a source." : "The rota has neither shifts nor a source.";
    return [{ at: ["spec", ...(hasShifts ? ["source"] : [])], code: "bad-value", message, remedy }];
  }
  const lone = ["refresh", "persons"].find((field) => hasShifts && member(spec, field) !== undefined);
  if (lone !== undefined) {
    return [{ at: ["spec", lone], code: "bad-value", message: `Without source nothing reads ${lone}.`, remedy }];
  }
  return addressProblems(member(objectOf(source), "url"), ["spec", "source", "url"]);
}

function toPerson(name: Json | undefined, at: Path): readonly Reference[] {
  return typeof name === "string" ? [{ at, name, to: ["Person"] }] : [];
}

function swapReferences(item: Json, at: Path): readonly Reference[] {
  return ["person", "replaces"].flatMap((field) => toPerson(member(item, field), [...at, field]));
}

function shiftProblems(item: Json, index: number): readonly FieldProblem[] {
  return isJsonObject(item) ? under(index, ruleProblems(item)) : [];
}

function lateProblems({ rule }: Rota["shifts"][number]): readonly FieldProblem[] {
  if (rule.end.kind === "elapsed" && elapsedMs(rule.end.duration) > maxShiftDays * 24 * 3_600_000) {
    const message = `A shift lasts at most ${maxShiftDays} days.`;
    return [{ at: ["spec", "duration"], code: "out-of-range", message, remedy: "Split it into several shifts." }];
  }
  if (rule.end.kind === "until") {
    const message = "A shift ends at a time of day or after a duration.";
    const remedy = 'Write the end as a time of day ("08:00") or as a duration (PT12H); use a swap for a single day.';
    return [{ at: ["spec", "end"], code: "bad-value", message, remedy }];
  }
  return expansionProblems("window", rule);
}

/** Problems of a rule, moved to the shift that it belongs to. */
function under(index: number, problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.map((problem) => ({ ...problem, at: ["spec", "shifts", index, ...problem.at.slice(1)] }));
}

/** What no single field of a swap shows; `list` is the field that holds the swaps. */
export function swapProblems(swaps: readonly Json[], list: string): readonly FieldProblem[] {
  return swaps.flatMap((swap, index): readonly FieldProblem[] => {
    const at: Path = ["spec", list, index];
    const isEmpty = member(swap, "person") === undefined && member(swap, "replaces") === undefined;
    if (isEmpty) {
      const remedy = "Name who steps in (person), who is away (replaces), or both.";
      return [{ at, code: "bad-value", message: "The swap names nobody.", remedy }];
    }
    return wrongOrder(swap, at);
  });
}

/** A span that ends at or before its start. */
export function wrongOrder(row: Json, at: Path): readonly FieldProblem[] {
  const [from, to] = [member(row, "from"), member(row, "to")];
  if (typeof from !== "string" || typeof to !== "string") return [];
  const [starts, ends] = [readInstant(from), readInstant(to)];
  if (!starts.ok || !ends.ok || Temporal.Instant.compare(starts.value, ends.value) < 0) return [];
  const message = "It ends at or before its start.";
  return [{ at: [...at, "to"], code: "wrong-order", message, remedy: "Write a later end." }];
}
