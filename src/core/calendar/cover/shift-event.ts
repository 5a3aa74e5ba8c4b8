import type { Duty } from "#core/calendar/cover/rota.ts";
import { err, ok, type Result } from "#core/result.ts";

/** One occurrence of an event of a calendar that is read as a rota. */
export interface ShiftEvent {
  readonly uid: string;
  /** One-based line of the event in the text. */
  readonly line: number;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly summary: string;
  /** Addresses of those who were invited and have not declined; null when nobody was invited. */
  readonly attendees: readonly string[] | null;
  /** Address; null when there is none. */
  readonly organizer: string | null;
}

/** The shift for which nobody that we know is named. */
export interface UnknownShift {
  readonly line: number;
  readonly event: string;
  readonly message: string;
}

export interface KnownPersons {
  /** What the calendar calls somebody (an address or a summary) → person. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Persons that the configuration declares: whoever is called by that very name needs no mapping. */
  readonly declared: ReadonlySet<string>;
}

/**
 * Who is on duty by the events of a calendar. Those who are invited count, and each of them must be known; without any
 * the organizer, else the summary. Error: the first shift for which that names nobody we know.
 */
export function dutiesOfShifts(
  shifts: readonly ShiftEvent[],
  { mapping, declared }: KnownPersons,
): Result<readonly Duty[], UnknownShift> {
  const known = new Map(Object.entries(mapping).map(([name, person]) => [name.toLowerCase(), person]));
  const personOf = (name: string): string | null => known.get(name.toLowerCase()) ?? (declared.has(name) ? name : null);
  const duties: Duty[] = [];
  for (const shift of shifts) {
    const persons = personsOf(shift, personOf);
    if (!persons.ok) return err({ line: shift.line, event: shift.uid, message: persons.error });
    const { from, to } = shift;
    for (const person of persons.value) duties.push({ person, from, to });
  }
  return ok(duties);
}

function personsOf(
  { attendees, organizer, summary }: ShiftEvent,
  personOf: (name: string) => string | null,
): Result<readonly string[], string> {
  if (attendees !== null) {
    const stranger = attendees.find((name) => personOf(name) === null);
    if (stranger !== undefined) return err(unknown(`ATTENDEE ${stranger}`));
    return ok([...new Set(attendees.flatMap((name) => personOf(name) ?? []))]);
  }
  const person = (organizer === null ? null : personOf(organizer)) ?? personOf(summary);
  if (person !== null) return ok([person]);
  return err(unknown(organizer === null ? `SUMMARY ${summary}` : `ORGANIZER ${organizer} nor SUMMARY ${summary}`));
}

function unknown(who: string): string {
  const told = who.length > 200 ? `${who.slice(0, 200)}…` : who;
  return `nobody is known by ${told}; name the person for it in the mapping`;
}
