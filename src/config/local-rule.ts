import { z } from "zod";
import { checkedText, durationField, localDateTimeField, ruleZoneField } from "#config/fields.ts";
import { type JsonObject, member } from "#config/json.ts";
import { limits } from "#config/limits.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readDuration, readEnd, readLocalDateTime } from "#config/time.ts";
import type { ValueProblem } from "#config/value-problem.ts";
import { dayMs, toLocalMs } from "#core/calendar/civil.ts";
import { seriesOfRule, spansOf } from "#core/calendar/expand.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import { parseRecurrence } from "#core/calendar/parse-rrule.ts";
import type { Result } from "#core/result.ts";

/** The fields that a window and a freeze share: when it happens, in local time. */
export const localRuleFields = {
  zone: ruleZoneField,
  start: localDateTimeField("Local start of the first occurrence: the stored anchor from which a recurrence counts."),
  rrule: checkedText(recurrenceProblem, {
    description: "RFC 5545 recurrence without the prefix `RRULE:`; one single occurrence when left out.",
    examples: ["FREQ=WEEKLY;BYDAY=SA"],
  }).optional(),
  end: checkedText(
    (text) => {
      const end = readEnd(text);
      return end.ok ? null : end.error;
    },
    {
      description:
        "Local end: a time of day (at or before the start it means the next day, `24:00` is the end of the day), or one absolute local time where nothing recurs.",
      examples: ["05:00", "2026-04-02T06:00"],
    },
  ).optional(),
  duration: durationField("Elapsed time from the start, whatever the clock does; instead of `end`.").optional(),
  exdates: z
    .array(localDateTimeField("Local start of an occurrence that does not happen."))
    .max(limits.listLength)
    .optional()
    .meta({ description: "Local starts that do not happen." }),
};

export const whyRuleFields = {
  zone: "Name an IANA zone such as Europe/Berlin, or target for the zone of the environment; there is no default zone.",
  start:
    "It is the anchor from which INTERVAL, COUNT and UNTIL count: without it nobody can say which is the first occurrence. Write the local start of the first one, like 2026-01-03T01:00.",
  scope: "Say what the rule is about; scope: {} is everything.",
};

function recurrenceProblem(text: string): ValueProblem | null {
  const parsed = parseRecurrence(text);
  if (parsed.ok) return null;
  const message = `The recurrence cannot be read: ${parsed.error.message}.`;
  if (/^RRULE:/i.test(text)) {
    return { code: "bad-recurrence", message, remedy: "Leave the prefix RRULE: out.", offset: 0 };
  }
  const remedy = "Write an RFC 5545 recurrence such as FREQ=WEEKLY;BYDAY=SA.";
  return { code: "bad-recurrence", message, remedy, offset: parsed.error.offset };
}

/** What no single field of a local rule shows. */
export function ruleProblems(spec: JsonObject): readonly FieldProblem[] {
  const end = member(spec, "end");
  const hasDuration = member(spec, "duration") !== undefined;
  if (end !== undefined && hasDuration) {
    const remedy = "Keep end for a time on the wall clock, or duration for elapsed time.";
    const message = "The rule has both an end and a duration.";
    return [{ at: ["spec", "duration"], on: "key", code: "end-and-duration", message, remedy }];
  }
  if (end === undefined && !hasDuration) {
    const remedy = 'Add end: "05:00" for a time on the wall clock, or duration: PT4H for elapsed time.';
    return [{ at: ["spec", "end"], code: "no-end", message: "The rule has neither an end nor a duration.", remedy }];
  }
  return typeof end === "string" ? absoluteEndProblems(spec, end) : [];
}

function absoluteEndProblems(spec: JsonObject, text: string): readonly FieldProblem[] {
  const end = readEnd(text);
  if (!end.ok || end.value.kind !== "until") return [];
  const at = ["spec", "end"];
  if (member(spec, "rrule") !== undefined) {
    const message = "An absolute end cannot belong to a rule that recurs.";
    const remedy = 'Write the end of each occurrence as a time of day ("06:00") or as a duration (PT36H).';
    return [{ at, code: "absolute-end", message, remedy }];
  }
  const start = member(spec, "start");
  const startsAt = typeof start === "string" ? readLocalDateTime(start) : null;
  if (startsAt?.ok === true && Temporal.PlainDateTime.compare(end.value.at, startsAt.value) <= 0) {
    const remedy = "Write an end after the start.";
    return [{ at, code: "wrong-order", message: "The rule ends at or before its start.", remedy }];
  }
  return [];
}

/** As far as verdicts look ahead: what cannot be computed over this time would close its scope later on. */
const trialDays = 60;

/** Openings of one rule in that time: one every 40 minutes. Every verdict of its scope follows each of them. */
const maxOpenings = 2_160;

/** Occurrences of one rule in that time: one a minute. Short ones that run together are few openings and much work. */
const maxTrialOccurrences = trialDays * 1_440;

/**
 * A rule that reads well and still cannot be computed, for example one that recurs every second, or that would make
 * every verdict slow. Refused at writing: found later, it closes its scope (semantics §2.1).
 */
export function expansionProblems(kind: "window" | "freeze", rule: LocalRule): readonly FieldProblem[] {
  const from = rule.start.toZonedDateTime("UTC").toInstant();
  const often = (times: number): string => `it recurs more than ${times} times in ${trialDays} days`;
  if (isTooFrequent(rule)) return notComputed(rule, often(maxTrialOccurrences), 0);
  const result = spansOf(kind, rule, "UTC", { from, to: from.add({ hours: trialDays * 24 }) });
  if (!result.ok) return notComputed(rule, result.error.message, result.error.offset);
  return result.value.borders.length <= 2 * maxOpenings ? [] : notComputed(rule, often(maxOpenings), 0);
}

function notComputed({ rrule }: LocalRule, message: string, offset: number | null): readonly FieldProblem[] {
  const remedy = "Let it recur less often, or write a longer span instead of many short ones.";
  const at = ["spec", rrule === null ? "start" : "rrule"];
  const text = `The rule cannot be computed: ${message.replace(/\.$/, "")}.`;
  return [{ at, code: "bad-recurrence", message: text, remedy, ...(offset === null ? {} : { offset }) }];
}

function isTooFrequent(rule: LocalRule): boolean {
  if (rule.rrule === null) return false;
  const series = seriesOfRule(rule);
  const first = toLocalMs(rule.start);
  const found = series.ok ? series.value.between(first, first + trialDays * dayMs) : null;
  return found !== null && found.ok && found.value.length > maxTrialOccurrences;
}

interface RuleSpec {
  readonly zone: string;
  readonly start: string;
  readonly rrule?: string | undefined;
  readonly end?: string | undefined;
  readonly duration?: string | undefined;
  readonly exdates?: readonly string[] | undefined;
}

/** Only for a spec that the fields and `ruleProblems` have passed. */
export function toLocalRule(spec: RuleSpec): LocalRule {
  return {
    zone: spec.zone,
    start: checked(readLocalDateTime(spec.start)),
    rrule: spec.rrule ?? null,
    end: toEnd(spec),
    exdates: (spec.exdates ?? []).map((text) => checked(readLocalDateTime(text))),
  };
}

function toEnd(spec: RuleSpec): RuleEnd {
  if (spec.duration !== undefined) return { kind: "elapsed", duration: checked(readDuration(spec.duration)) };
  return checked(readEnd(spec.end ?? ""));
}

/** The value of a text that its field has checked before; anything else is a bug. */
export function checked<T>(result: Result<T, ValueProblem>): T {
  if (result.ok) return result.value;
  throw new Error(`an unchecked value reached the domain: ${result.error.message}`);
}
