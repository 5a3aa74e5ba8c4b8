import ICAL from "ical.js";
import { err, ok, type Result } from "#core/result.ts";

/** A property as the tokenizer hands it over (RFC 7265): name in lower case, parameters, type, values. */
export interface Property {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly type: string;
  readonly values: readonly unknown[];
}

export interface Component {
  readonly name: string;
  readonly properties: readonly Property[];
  readonly components: readonly Component[];
}

/** What is wrong with a calendar, for a person: the line and the event, as far as they are known. */
export interface IcalFault {
  /** One-based; null when it concerns the whole text. */
  readonly line: number | null;
  /** UID or summary of the event; null outside of events. */
  readonly event: string | null;
  readonly message: string;
}

export function fault(message: string, line: number | null = null, event: string | null = null): IcalFault {
  return { line, event, message };
}

/** The calendars of a text. Several in one file are one. Error: it is not iCalendar, or it breaks off. */
export function parseComponents(text: string): Result<readonly Component[], IcalFault> {
  const shape = shapeFault(text);
  if (shape !== null) return err(shape);
  let parsed: unknown;
  try {
    parsed = ICAL.parse(text);
  } catch (error) {
    return err(fault(`it cannot be read as iCalendar: ${messageOf(error)}`, lineIn(text, error)));
  }
  // One calendar comes as a component, several as a list of components.
  const roots = Array.isArray(parsed) && typeof parsed[0] === "string" ? [parsed] : parsed;
  const calendars = Array.isArray(roots) ? roots.map(toComponent) : [];
  if (calendars.length === 0 || calendars.some(({ name }) => name !== "vcalendar"))
    return err(fault("it holds something else than calendars", 1));
  return ok(calendars);
}

/** A text that breaks off would be half a calendar, and the missing half could hold the freeze. */
function shapeFault(text: string): IcalFault | null {
  if (!/^\uFEFF?\s*BEGIN:VCALENDAR\s/i.test(text))
    return fault("it is not an iCalendar: it does not begin with BEGIN:VCALENDAR", 1);
  if (!/END:VCALENDAR\s*$/i.test(text))
    return fault("it breaks off: it does not end with END:VCALENDAR", text.trimEnd().split("\n").length);
  return null;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").slice(0, 200);
}

/** The tokenizer quotes the line it stumbled over and does not count. */
function lineIn(text: string, error: unknown): number | null {
  const [, quoted] = /\) "(.*)"$/s.exec(error instanceof Error ? error.message : "") ?? [];
  if (quoted === undefined) return null;
  const index = text.split(/\r?\n/).findIndex((line) => line === quoted);
  return index === -1 ? null : index + 1;
}

function toComponent(value: unknown): Component {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [name, properties, components] = parts;
  return {
    name: typeof name === "string" ? name : "",
    properties: Array.isArray(properties) ? properties.map(toProperty) : [],
    components: Array.isArray(components) ? components.map(toComponent) : [],
  };
}

function toProperty(value: unknown): Property {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [name, parameters, type, ...values] = parts;
  return {
    name: typeof name === "string" ? name : "",
    parameters: typeof parameters === "object" && parameters !== null ? { ...parameters } : {},
    type: typeof type === "string" ? type : "text",
    values,
  };
}

/** The first value of a property as text; null when there is none. */
export function textOf(component: Component, name: string): string | null {
  const [value] = propertyOf(component, name)?.values ?? [];
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

export function propertyOf(component: Component, name: string): Property | null {
  return component.properties.find((property) => property.name === name) ?? null;
}

export function propertiesOf(component: Component, name: string): readonly Property[] {
  return component.properties.filter((property) => property.name === name);
}

/** Line of every `BEGIN:VEVENT`, in order; a line that begins so is never a folded one. */
export function eventLines(text: string): readonly number[] {
  const lines: number[] = [];
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); start < text.length; at = text.indexOf("\n", start)) {
    const end = at === -1 ? text.length : at;
    if (/^BEGIN:VEVENT\s*$/i.test(text.slice(start, Math.min(end, start + 20)))) lines.push(line);
    line++;
    start = end + 1;
  }
  return lines;
}
