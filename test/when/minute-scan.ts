import type { Freeze } from "#core/calendar/freeze.ts";
import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Facts } from "#core/policy/facts.ts";

/*
 * The oracle for "when": it looks at every minute of the horizon, one after the other, and shares nothing with the engine
 * but the shapes of the facts. Local time is read off a table of what the clocks of a zone show at each minute; scopes
 * are matched by regular expressions; recurrences are counted day by day.
 */

const minuteMs = 60_000;
const dayMinutes = 1_440;

/** What the clock of a zone shows at each minute from `fromMinute` (epoch minutes): local minutes since 1970. */
interface ClockTable {
  readonly fromMinute: number;
  readonly local: Int32Array;
}

const tables = new Map<string, ClockTable>();

/** Offsets are asked of Temporal every quarter of an hour: no clock changes in between in the years that are tried. */
function clockOf(zone: string, fromMinute: number, minutes: number): ClockTable {
  const key = `${zone} ${fromMinute} ${minutes}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const local = new Int32Array(minutes);
  for (let n = 0; n < minutes; n += 15) {
    const instant = Temporal.Instant.fromEpochMilliseconds((fromMinute + n) * minuteMs);
    const offset = Math.round(instant.toZonedDateTimeISO(zone).offsetNanoseconds / 60e9);
    for (let k = n; k < Math.min(n + 15, minutes); k++) local[k] = fromMinute + k + offset;
  }
  const table = { fromMinute, local };
  tables.set(key, table);
  return table;
}

const epochDay = Temporal.PlainDate.from("1970-01-01");

function localDayOf(date: Temporal.PlainDate): number {
  return epochDay.until(date, { largestUnit: "days" }).days;
}

function localMinuteOf(at: Temporal.PlainDateTime): number {
  return localDayOf(at.toPlainDate()) * dayMinutes + at.hour * 60 + at.minute;
}

/** The local days on which a rule begins, up to one. Knows what the configurations use: DAILY and WEEKLY;BYDAY. */
function startDays({ start, rrule, exdates }: LocalRule, lastDay: number): readonly number[] {
  const anchor = localDayOf(start.toPlainDate());
  const left = new Set(exdates.map((date) => localDayOf(date.toPlainDate())));
  if (rrule === null) return [anchor];
  const parts = new Map(rrule.split(";").map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
  const interval = Number(parts.get("INTERVAL") ?? "1");
  const byDay = parts.get("BYDAY")?.split(",");
  const names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
  // 1970-01-05 was a Monday.
  const weekOf = (day: number): number => Math.floor((day - 4) / 7);
  const days: number[] = [];
  for (let day = anchor; day <= lastDay; day++) {
    const isDue =
      byDay === undefined
        ? (day - anchor) % interval === 0
        : byDay.includes(names[day - 4 - 7 * weekOf(day)] ?? "") && (weekOf(day) - weekOf(anchor)) % interval === 0;
    if (isDue && !left.has(day)) days.push(day);
  }
  return days;
}

/**
 * Marks the minutes of one rule. It begins when its clock first shows the start or later. A window ends when from there
 * the clock first shows the end or later; a freeze when the clock shows less than the end for the last time.
 */
function mark(kind: "window" | "freeze", rule: LocalRule, clock: ClockTable, marks: Uint8Array): void {
  const { local } = clock;
  const count = local.length;
  const lastDay = Math.floor((local[count - 1] ?? 0) / dayMinutes);
  const timeOfDay = rule.start.hour * 60 + rule.start.minute;
  for (const day of startDays(rule, lastDay)) {
    const starts = day * dayMinutes + timeOfDay;
    // Nothing that is tried lasts longer than this or has clocks further from UTC.
    if (starts < (local[0] ?? 0) - 10 * dayMinutes && rule.rrule !== null) continue;
    let from = Math.max(0, Math.min(count, starts - clock.fromMinute - dayMinutes));
    while (from < count && (local[from] ?? 0) < starts) from += 1;
    const to = endOf(kind, rule, day, from, clock);
    for (let minute = from; minute < Math.min(to, count); minute++) marks[minute] = 1;
  }
}

function endOf(kind: "window" | "freeze", rule: LocalRule, day: number, from: number, clock: ClockTable): number {
  const { local, fromMinute } = clock;
  if (rule.end.kind === "elapsed") return from + rule.end.duration.total("minutes");
  const timeOfDay = rule.start.hour * 60 + rule.start.minute;
  const ends =
    rule.end.kind === "until"
      ? localMinuteOf(rule.end.at)
      : (rule.end.minuteOfDay > timeOfDay ? day : day + 1) * dayMinutes + rule.end.minuteOfDay;
  if (kind === "window") {
    let to = from;
    while (to < local.length && (local[to] ?? 0) < ends) to += 1;
    return to;
  }
  let last = Math.min(local.length - 1, ends - fromMinute + dayMinutes);
  while (last >= 0 && (local[last] ?? 0) >= ends) last -= 1;
  return last + 1;
}

function looksLike(globs: readonly string[] | undefined, values: readonly string[]): boolean {
  if (globs === undefined) return true;
  return globs.some((glob) => {
    const source = RegExp.escape(glob).replaceAll("\\*", ".*").replaceAll("\\?", ".");
    return values.some((value) => new RegExp(`^${source}$`, "s").test(value));
  });
}

function isAbout(scope: Scope, { subject, service, environment }: Facts): boolean {
  if (service === null || environment === null) return false;
  return (
    looksLike(scope.environments, [environment.name]) &&
    looksLike(scope.services, [service.name]) &&
    looksLike(scope.teams, [service.team]) &&
    looksLike(scope.units, [service.unit]) &&
    looksLike(scope.regions, environment.region === null ? [] : [environment.region]) &&
    looksLike(scope.tags, service.tags) &&
    looksLike(scope.dataClasses, service.dataClasses) &&
    looksLike(scope.classes, [subject.class]) &&
    looksLike(scope.actions, [subject.action]) &&
    looksLike(scope.invokers, [subject.invoker]) &&
    (scope.tiers === undefined || scope.tiers.includes(service.tier))
  );
}

/** The minutes of `[base, base + minutes)`, `base` in epoch minutes, at which windows and freezes let the subject go. */
function openByCalendar(facts: Facts, base: number, minutes: number): Uint8Array {
  const marksOf = (kind: "window" | "freeze", rules: readonly (Window | Freeze)[]): Uint8Array => {
    const marks = new Uint8Array(minutes);
    for (const { rule } of rules) {
      const zone = rule.zone === "target" ? (facts.environment?.zone ?? "UTC") : rule.zone;
      mark(kind, rule, clockOf(zone, base, minutes), marks);
    }
    return marks;
  };
  const windows = facts.windows.filter(({ scope }) => isAbout(scope, facts));
  const inside = marksOf("window", windows);
  const frozen = marksOf(
    "freeze",
    facts.freezes.filter(({ scope }) => isAbout(scope, facts)),
  );
  const isBound = windows.length > 0 || facts.environment?.windows === "required";
  return inside.map((isInside, minute) => ((!isBound || isInside === 1) && frozen[minute] === 0 ? 1 : 0));
}

/** True when what is live and what is on its way at the minute is all of version 3.2 or later. */
function dependencyFits({ at, service, deployed, bookings }: Facts, ms: number): boolean {
  const [edge] = service?.dependsOn ?? [];
  if (edge === undefined || typeof deployed === "string") return true;
  let settled = deployed.filter((entry) => entry.service === edge.on).map(({ version }) => version);
  const arriving: string[] = [];
  // A booking that should be over by now is not believed: what is live says the inventory.
  const own = bookings.filter(
    (booking) => booking.service === edge.on && booking.to.epochMilliseconds > at.epochMilliseconds,
  );
  for (const { version, from, to } of own.toSorted((a, b) => a.to.epochMilliseconds - b.to.epochMilliseconds)) {
    if (to.epochMilliseconds <= ms) settled = [version];
    else if (from.epochMilliseconds <= ms) arriving.push(version);
  }
  const fits = (version: string): boolean => {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major > 3 || (major === 3 && minor >= 2);
  };
  return settled.length > 0 && [...settled, ...arriving].every(fits);
}

/** True when nothing but the calendar could be in the way at the minute. */
function isOpenElse(facts: Facts, ms: number): boolean {
  const { approvals, routes, locks, agreedSlot, holds } = facts;
  const [route] = routes;
  const [approval] = approvals;
  if (route !== undefined) {
    if (approval === undefined) return false;
    const validMs = route.validFor?.total("milliseconds") ?? Number.POSITIVE_INFINITY;
    if (approval.at.epochMilliseconds + validMs <= ms) return false;
  }
  for (const { until } of locks) {
    const isOverdue = until === null || until.epochMilliseconds <= facts.at.epochMilliseconds;
    if (isOverdue || ms < until.epochMilliseconds) return false;
  }
  if (agreedSlot !== null && ms < agreedSlot.from.epochMilliseconds) return false;
  for (const { scope, since, until } of holds) {
    const isOn = since.epochMilliseconds <= ms && (until === null || ms < until.epochMilliseconds);
    if (isOn && isAbout(scope, facts)) return false;
  }
  return dependencyFits(facts, ms);
}

/** Days before and after the horizon that the clocks are read for: what begins before may reach into it. */
const marginDays = 12;

/**
 * The first minute from `facts.at` at which everything is open, and stays so for as long as the run needs or up to the
 * horizon; null when there is none. At once also when it is open now and the calendar alone stays so for long enough.
 * `base` is an epoch minute at most ten days before `facts.at`, the same for many facts so that clocks are read once.
 */
export function scanForOpening(facts: Facts, base: number, minutes: number): number | null {
  const begin = base - marginDays * dayMinutes;
  const calendar = openByCalendar(facts, begin, minutes + 2 * marginDays * dayMinutes);
  const atMinute = facts.at.epochMilliseconds / minuteMs - begin;
  const endMinute = facts.horizon.epochMilliseconds / minuteMs - begin;
  const [expected] = facts.durations;
  const needed = expected === undefined ? 0 : expected.p95.total("minutes") + expected.rollbackP95.total("minutes");
  const isOpen = (minute: number): boolean => calendar[minute] === 1 && isOpenElse(facts, (begin + minute) * minuteMs);
  const lasts = (from: number, holds: (minute: number) => boolean): boolean => {
    for (let minute = from; minute < Math.min(endMinute, Math.max(from + 1, from + needed)); minute++) {
      if (!holds(minute)) return false;
    }
    return true;
  };
  if (isOpen(atMinute) && lasts(atMinute, (minute) => calendar[minute] === 1)) return begin + atMinute;
  for (let minute = atMinute; minute < endMinute; minute++) {
    if (isOpen(minute) && lasts(minute, isOpen)) return begin + minute;
  }
  return null;
}
