import type { ClockChange } from "#core/calendar/clock-changes.ts";
import { spansIn, type SpanSet } from "#core/calendar/span-set.ts";
import type { Border, BorderCause, RuleFault } from "#core/calendar/timetable.ts";
import type { Opening, TimetableView } from "#core/calendar/timetable-view.ts";

/** A span as it is sent and printed: instants in UTC. */
export interface JsonSpan {
  readonly from: string;
  readonly to: string;
}

export interface JsonOpening {
  readonly from: string | null;
  readonly to: string | null;
}

export interface JsonClockChange {
  readonly at: string;
  /** Minutes by which the clocks go forward; negative when they go back. */
  readonly minutes: number;
  readonly sentence: string;
}

export interface JsonBorder {
  readonly at: string;
  /** With offset and zone of the environment. */
  readonly local: string;
  readonly turns: "open" | "closed";
  readonly causes: readonly BorderCause[];
}

export interface JsonFault {
  readonly kind: "window" | "freeze";
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** A timetable as the API answers it and `tidegate calendar spans -o json` prints it, with or without a server. */
export interface JsonTimetable {
  readonly environment: string;
  readonly service: string | null;
  readonly zone: string;
  readonly since: string;
  readonly until: string;
  readonly restricted: boolean;
  readonly open: readonly JsonSpan[];
  readonly borders: readonly JsonBorder[];
  readonly faults: readonly JsonFault[];
  readonly windows: readonly {
    readonly name: string;
    readonly zone: string;
    readonly onClose: string;
    readonly spans: readonly JsonSpan[];
  }[];
  readonly freezes: readonly {
    readonly name: string;
    readonly zone: string;
    readonly strength: "soft" | "hard" | "embargo";
    readonly owner: string;
    readonly reason: string;
    readonly spans: readonly JsonSpan[];
  }[];
  readonly narrower: readonly {
    readonly kind: "window" | "freeze";
    readonly name: string;
    readonly spans: readonly JsonSpan[];
  }[];
  readonly clockChanges: readonly JsonClockChange[];
  readonly next: readonly JsonOpening[];
}

export function timetableToJson(view: TimetableView): JsonTimetable {
  const { owner, table } = view;
  const { name, zone } = owner.environment;
  return {
    environment: name,
    service: owner.service?.name ?? null,
    zone,
    since: table.between.from.toString(),
    until: table.between.to.toString(),
    restricted: table.restricted,
    open: toJsonSpans(table.open),
    borders: view.borders.map((border) => borderToJson(border, zone)),
    faults: table.faults.map(faultToJson),
    windows: table.windows.map(({ rule, spans }) => ({
      name: rule.name,
      zone: rule.rule.zone === "target" ? zone : rule.rule.zone,
      onClose: rule.onClose,
      spans: toJsonSpans(spans),
    })),
    freezes: table.freezes.map(({ rule, spans }) => ({
      name: rule.name,
      zone: rule.rule.zone === "target" ? zone : rule.rule.zone,
      strength: rule.strength,
      owner: rule.owner,
      reason: rule.reason,
      spans: toJsonSpans(spans),
    })),
    narrower: view.narrower.map(({ kind, name: rule, spans }) => ({ kind, name: rule, spans: toJsonSpans(spans) })),
    clockChanges: view.clockChanges.map((change) => clockChangeToJson(change, zone)),
    next: view.next.map(openingToJson),
  };
}

export function toJsonSpans(set: SpanSet): readonly JsonSpan[] {
  return spansIn(set).map(({ from, to }) => ({ from: from.toString(), to: to.toString() }));
}

export function borderToJson({ at, turns, causes }: Border, zone: string): JsonBorder {
  return { at: at.toString(), local: local(at, zone), turns, causes };
}

export function openingToJson({ from, to }: Opening): JsonOpening {
  return { from: from?.toString() ?? null, to: to?.toString() ?? null };
}

export function faultToJson({ kind, name, fault, message }: RuleFault): JsonFault {
  return { kind, name, code: fault.code, message };
}

/** `2026-03-28T01:00:00+01:00[Europe/Berlin]`: nothing is left to guess. */
function local(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toString({ smallestUnit: "second" });
}

const secondsOfHour = 3600;

/** Says what happens to the day on which the clocks change, in hours. */
export function clockChangeToJson({ at, offsetBefore, offsetAfter }: ClockChange, zone: string): JsonClockChange {
  const minutes = Math.round((offsetAfter - offsetBefore) / 60);
  const after = at.toZonedDateTimeISO(zone);
  const before = after.toPlainDateTime().subtract({ minutes });
  const hours =
    after
      .startOfDay()
      .until(after.startOfDay().add({ days: 1 }))
      .total("seconds") / secondsOfHour;
  const direction = minutes > 0 ? "forward" : "back";
  const text = (time: Temporal.PlainDateTime): string => time.toPlainTime().toString({ smallestUnit: "minute" });
  const sentence = `Clocks in ${zone} go ${direction} from ${text(before)} to ${text(after.toPlainDateTime())} on ${after.toPlainDate().toString()}: the day has ${Number(hours.toFixed(2))} hours.`;
  return { at: at.toString(), minutes, sentence };
}
