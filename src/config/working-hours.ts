import { z } from "zod";
import { checkedText } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readMinuteOfDay } from "#config/time.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { WorkingHours } from "#core/catalog/working-hours.ts";

/*
 * When a person is awake and at work: the field `hours` of a Person, in the zone of the same document.
 */

const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

const timeOfDay = checkedText(
  (text) => {
    const minute = readMinuteOfDay(text);
    return minute.ok ? null : minute.error;
  },
  { description: "Time of day on the person's own clock; `24:00` is the end of the day.", examples: ["09:00"] },
);

const hoursOfDays = z.strictObject({
  days: z.array(z.enum(days)).min(1).max(7).meta({ description: "Days on which these hours begin." }),
  from: timeOfDay,
  to: timeOfDay.meta({ description: "At or before `from` it is on the next day; `24:00` is the end of the day." }),
});

export const hoursField = z.array(hoursOfDays).min(1).max(20).optional().meta({
  description:
    "When the person is awake and at work, in `zone`; any of them is enough. Left out, nobody knows, and nothing is said of the person's waking hours.",
});

/** Hours are on a clock, and there is no default one. */
export function hoursProblems(spec: JsonObject): readonly FieldProblem[] {
  const rows = itemsOf(member(spec, "hours"));
  const problems: FieldProblem[] = rows.flatMap((row, index): FieldProblem[] =>
    member(row, "from") === "24:00"
      ? [
          {
            at: ["spec", "hours", index, "from"],
            code: "bad-time-of-day",
            message: "Hours cannot begin at the end of the day.",
            remedy: 'Write "00:00", with the day after it in days.',
          },
        ]
      : [],
  );
  if (rows.length > 0 && member(spec, "zone") === undefined) {
    const message = "The person has hours and no zone to read them in.";
    const remedy = "Add zone: with the person's IANA zone, such as Europe/Berlin.";
    problems.push({ at: ["spec", "hours"], on: "key", code: "missing-field", message, remedy });
  }
  return problems;
}

interface HoursSpec {
  readonly zone?: string | undefined;
  readonly hours?: readonly z.output<typeof hoursOfDays>[] | undefined;
}

/** Null where no hours are stated. Only for a spec that the fields and `hoursProblems` have passed. */
export function toWorkingHours(person: string, { zone, hours }: HoursSpec): WorkingHours | null {
  if (zone === undefined || hours === undefined) return null;
  return { person, zone, rules: hours.map((row) => toRule(zone, row)) };
}

/** A Monday before any instant that is asked about, so that the recurrence holds at all times. */
const anchor = Temporal.PlainDate.from("1970-01-05");

function toRule(zone: string, { days: on, from, to }: z.output<typeof hoursOfDays>): LocalRule {
  const start = anchor.toPlainDateTime().add({ minutes: checked(readMinuteOfDay(from)) });
  const end = { kind: "wall", minuteOfDay: checked(readMinuteOfDay(to)) } as const;
  return { zone, start, rrule: `FREQ=WEEKLY;BYDAY=${on.join(",")}`, end, exdates: [] };
}
