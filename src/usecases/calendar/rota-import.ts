import { dutiesOfShifts } from "#core/calendar/cover/shift-event.ts";
import type { Duty } from "#core/calendar/cover/rota.ts";
import { zoneOf } from "#core/calendar/zone.ts";
import { err, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import { importDuties, type ChangeCoverDeps } from "#usecases/calendar/cover-change.ts";
import type { CoverChange } from "#usecases/calendar/cover-types.ts";
import { expandedDays } from "#core/calendar/business/import-range.ts";
import type { FetchCalendar } from "#usecases/calendar/import-refresh.ts";
import type { CalendarTextFault } from "#usecases/calendar/import-types.ts";
import type { ReadShifts, ShiftCalendar, ShiftRefusal } from "#usecases/calendar/rota-types.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

export interface ImportShiftsDeps extends Pick<ChangeCoverDeps, "now" | "transact" | "newImportId"> {
  readonly readShifts: ReadShifts;
  readonly fetch: FetchCalendar;
}

/** As many as one import by the API may hold: more than a year of a team with several shifts a day. */
export const maxShifts = 5_000;

export type ImportShifts = (
  input: ShiftCalendar & ({ readonly text: string } | { readonly url: string }),
  call: Call,
) => Promise<Result<CoverChange, ShiftRefusal>>;

/** Takes a calendar, as a text or from an address, as the rota of a team: all of it or nothing. */
export function makeImportShifts(deps: ImportShiftsDeps): ImportShifts {
  return async (input, call) => {
    if ("text" in input) return deps.transact((records) => importShiftsInto(deps, records, input, call));
    const fetched = await deps.fetch(input.url, null);
    if (!fetched.ok) return err({ code: "feed-failed", message: fetched.error.message });
    const { text } = fetched.value;
    if (text === null) return err({ code: "feed-failed", message: "The address answered without a calendar" });
    return deps.transact((records) => importShiftsInto(deps, records, { ...input, text }, call));
  };
}

/** Shifts that ended before are history; series are expanded as far as those of business calendars. */
export function shiftRange(at: Temporal.Instant): Span {
  return { from: at.subtract({ hours: 24 }), to: at.add({ hours: 24 * expandedDays }) };
}

/** The same inside a transaction of the caller's. Whoever is on duty must be declared, or nothing is imported. */
export async function importShiftsInto(
  deps: Pick<ImportShiftsDeps, "now" | "newImportId" | "readShifts">,
  records: Records,
  input: ShiftCalendar & { readonly text: string },
  call: Call,
): Promise<Result<CoverChange, ShiftRefusal>> {
  const at = deps.now();
  if (zoneOf(input.zone) === null) return invalid({ line: null, event: null, message: unknownZone(input.zone) });
  const shifts = deps.readShifts(input.text, input.zone, shiftRange(at));
  if (!shifts.ok) return invalid(shifts.error);
  const documents = await records.configuration.inForce();
  const declared = new Set(documents.flatMap(({ kind, name }) => (kind === "Person" ? [name] : [])));
  const duties = dutiesOfShifts(shifts.value, { mapping: input.persons, declared });
  if (!duties.ok) return invalid(duties.error);
  if (duties.value.length > maxShifts) {
    return invalid({ line: null, event: null, message: `it holds more than ${maxShifts} shifts` });
  }
  const until = input.until ?? lastEnd(duties.value);
  if (until === null) return err({ code: "no-shifts" });
  const { team, source } = input;
  return importDuties(deps, records, { team, source, duties: duties.value, until }, call);
}

function unknownZone(zone: string): string {
  return `its zone "${zone.slice(0, 60)}" is one that nobody knows; use an IANA name such as Europe/Berlin`;
}

function invalid(fault: CalendarTextFault): Result<never, ShiftRefusal> {
  return err({ code: "invalid-calendar", fault });
}

function lastEnd(duties: readonly Duty[]): Temporal.Instant | null {
  return duties.reduce<Temporal.Instant | null>(
    (last, { to }) => (last === null || Temporal.Instant.compare(to, last) > 0 ? to : last),
    null,
  );
}
