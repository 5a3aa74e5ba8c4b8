import { z } from "zod";
import { spansOf } from "#core/calendar/expand.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { labId, localDateTime, toLabError, utcInstant } from "./line.ts";

const line = z.object({
  id: labId,
  kind: z.enum(["window", "freeze"]),
  zone: z.string(),
  start: localDateTime,
  rrule: z.string().nullish(),
  end: z.string().nullish(),
  duration: z.string().nullish(),
  exdates: z.array(localDateTime).nullish(),
  since: utcInstant,
  until: utcInstant,
});

type Line = z.infer<typeof line>;

/**
 * The open or frozen spans of one rule: `{id, kind, zone, start, rrule, end | duration, exdates, since, until}` gives
 * `{id, spans: [[from, to]…]}`, clipped to the range, merged, in UTC. What cannot be read gives `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { id, kind, zone, since, until } = parsed.data;
  if (zone === "target") return { id, error: "zone: target needs an environment; name an IANA zone" };
  const rule = toRule(parsed.data);
  if (typeof rule === "string") return { id, error: rule };
  if (Temporal.Instant.compare(since, until) >= 0) return { id, spans: [] };
  const spans = spansOf(kind, rule, zone, { from: since, to: until });
  if (!spans.ok) return { id, error: spans.error.message };
  return { id, spans: spansIn(spans.value).map(({ from, to }) => [inSeconds(from), inSeconds(to)]) };
}

function inSeconds(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: "second" });
}

function toRule({ zone, start, rrule, end, duration, exdates }: Line): LocalRule | string {
  if (end && duration) return "end and duration exclude each other";
  if (!end && !duration) return "one of end and duration is needed";
  const ending = toEnd(end ?? null, duration ?? null);
  if (typeof ending === "string") return ending;
  return { zone, start, rrule: rrule?.replace(/^RRULE:/i, "") ?? null, end: ending, exdates: exdates ?? [] };
}

function toEnd(end: string | null, duration: string | null): RuleEnd | string {
  if (duration !== null) {
    const read = z.iso.duration().safeParse(duration);
    if (!read.success) return `"${duration}" is not an ISO 8601 duration such as PT4H`;
    return { kind: "elapsed", duration: Temporal.Duration.from(duration) };
  }
  const clock = /^(\d\d):(\d\d)(?::00)?$/.exec(end ?? "");
  if (clock !== null) {
    const minuteOfDay = Number(clock[1]) * 60 + Number(clock[2]);
    if (minuteOfDay > 1440 || Number(clock[2]) > 59) return `"${end}" is not a time of day from 00:00 to 24:00`;
    return { kind: "wall", minuteOfDay };
  }
  const at = localDateTime.safeParse(end);
  return at.success ? { kind: "until", at: at.data } : `"${end}" is neither a time of day nor a local date-time`;
}
