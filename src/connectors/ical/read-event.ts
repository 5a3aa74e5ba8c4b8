import { readLength, readTimes, type TimeContext, type ZonedTime } from "#connectors/ical/event-time.ts";
import {
  fault,
  propertiesOf,
  propertyOf,
  textOf,
  type Component,
  type IcalFault,
  type Property,
} from "#connectors/ical/jcal.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A VEVENT as it was written, its times read and its recurrence not yet expanded. */
export interface WrittenEvent {
  readonly uid: string;
  /** The occurrence that this one replaces; null for the event itself. */
  readonly replaces: ZonedTime | null;
  readonly summary: string;
  readonly categories: readonly string[];
  readonly services: readonly string[];
  /** Addresses of those who attend, without those who declined. */
  readonly attendees: readonly string[];
  /** True when somebody was invited, whatever they answered. */
  readonly hasAttendees: boolean;
  /** Address; null when there is none. */
  readonly organizer: string | null;
  readonly cancelled: boolean;
  readonly sequence: number;
  readonly start: ZonedTime;
  readonly length: EventLength;
  /** RRULE and EXRULE values with their name, as written. */
  readonly rules: readonly string[];
  readonly added: readonly ZonedTime[];
  readonly excluded: readonly ZonedTime[];
  readonly line: number;
}

export type EventLength =
  | { readonly kind: "end"; readonly end: ZonedTime }
  | { readonly kind: "duration"; readonly days: number; readonly ms: number };

/** Longer texts are cut: they are read by people in one line. */
const maxSummaryChars = 300;
const maxUidChars = 255;
const maxWords = 50;

export function readEvent(component: Component, line: number, context: TimeContext): Result<WrittenEvent, IcalFault> {
  const summary = (textOf(component, "summary") ?? "").trim().slice(0, maxSummaryChars);
  const uid = (textOf(component, "uid") ?? "").trim();
  const name = uid === "" ? summary : uid;
  const refuse = (message: string) => err(fault(message, line, name === "" ? null : name));
  if (uid === "") return refuse("the event has no UID, so nobody can tell it from another");
  if (uid.length > maxUidChars) return refuse(`its UID is longer than ${maxUidChars} characters`);
  const start = one(component, "dtstart", context);
  if (!start.ok) return refuse(start.error);
  if (start.value === null) return refuse("the event has no DTSTART");
  const length = lengthOf(component, start.value, context);
  if (!length.ok) return refuse(length.error);
  const replaces = one(component, "recurrence-id", context);
  if (!replaces.ok) return refuse(replaces.error);
  if (propertyOf(component, "recurrence-id")?.parameters["range"] !== undefined)
    return refuse("a change of this and all later occurrences (RANGE) is not read; end the series and begin another");
  const added = all(component, "rdate", context);
  if (!added.ok) return refuse(added.error);
  const excluded = all(component, "exdate", context);
  if (!excluded.ok) return refuse(excluded.error);
  return ok({
    uid,
    replaces: replaces.value,
    summary: summary === "" ? uid : summary,
    categories: words(component, "categories"),
    services: words(component, "x-tidegate-services"),
    ...personsOf(component),
    cancelled: textOf(component, "status")?.toUpperCase() === "CANCELLED",
    sequence: Number(textOf(component, "sequence") ?? 0) || 0,
    start: start.value,
    length: length.value,
    rules: rulesOf(component),
    added: added.value,
    excluded: excluded.value,
    line,
  });
}

function personsOf(component: Component): Pick<WrittenEvent, "attendees" | "hasAttendees" | "organizer"> {
  const invited = propertiesOf(component, "attendee").slice(0, maxWords);
  const attending = invited.filter(({ parameters }) => String(parameters["partstat"]).toUpperCase() !== "DECLINED");
  const organizer = propertyOf(component, "organizer");
  return {
    attendees: [...new Set(attending.map(addressIn))],
    hasAttendees: invited.length > 0,
    organizer: organizer === null ? null : addressIn(organizer),
  };
}

function addressIn({ values }: Property): string {
  const [value] = values;
  return (typeof value === "string" ? value : "")
    .replace(/^mailto:/i, "")
    .trim()
    .slice(0, maxUidChars);
}

function one(component: Component, name: string, context: TimeContext): Result<ZonedTime | null, string> {
  const property = propertyOf(component, name);
  if (property === null) return ok(null);
  const times = readTimes(property, context);
  return times.ok ? ok(times.value[0] ?? null) : times;
}

function all(component: Component, name: string, context: TimeContext): Result<readonly ZonedTime[], string> {
  const found: ZonedTime[] = [];
  for (const property of propertiesOf(component, name)) {
    const times = readTimes(property, context);
    if (!times.ok) return times;
    found.push(...times.value);
  }
  return ok(found);
}

/** DTEND, else DURATION, else what RFC 5545 3.6.1 says: a day lasts a day, a moment has no length. */
function lengthOf(component: Component, start: ZonedTime, context: TimeContext): Result<EventLength, string> {
  const end = one(component, "dtend", context);
  if (!end.ok) return end;
  if (end.value !== null) return ok({ kind: "end", end: end.value });
  const text = textOf(component, "duration");
  if (text === null) return ok({ kind: "duration", days: start.form === "date" ? 1 : 0, ms: 0 });
  const read = readLength(text);
  return read === null
    ? err(`DURATION is "${text.slice(0, 40)}", which is no length`)
    : ok({ kind: "duration", ...read });
}

/** Rules go through the tokenizer as objects; their text is what we read, so it is put together again. */
function rulesOf(component: Component): readonly string[] {
  return ["rrule", "exrule"].flatMap((name) =>
    propertiesOf(component, name).flatMap(({ values }) =>
      values.map((value) => `${name.toUpperCase()}:${ruleText(value)}`),
    ),
  );
}

function ruleText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([part, item]) => `${part.toUpperCase()}=${(Array.isArray(item) ? item : [item]).map(partText).join(",")}`)
    .join(";");
}

/** UNTIL comes with dashes and colons; a rule has it without. */
function partText(item: unknown): string {
  const text = String(item);
  return /^\d{4}-\d\d-\d\d/.test(text) ? text.replaceAll(/[-:]/g, "") : text;
}

function words(component: Component, name: string): readonly string[] {
  const values = propertiesOf(component, name).flatMap((property) => property.values.map(String));
  return [...new Set(values.flatMap((value) => value.split(",")).map((word) => word.trim()))]
    .filter((word) => word !== "")
    .slice(0, maxWords);
}
