import { findIana } from "windows-iana";
import { textOf, type Component } from "#connectors/ical/jcal.ts";
import { isKnownZone } from "#core/calendar/zone.ts";

/** IANA name of the zone that a TZID means; null when nobody knows it. */
export type ZoneNames = (tzid: string) => string | null;

/**
 * TZIDs are names of any origin: IANA, Windows (Outlook), an IANA name behind a path, or a name that the file explains
 * by X-LIC-LOCATION in its VTIMEZONE. A VTIMEZONE's own offsets are not believed: they are often those of one year.
 */
export function zoneNames(calendars: readonly Component[]): ZoneNames {
  const located = new Map<string, string>();
  for (const zone of calendars.flatMap(({ components }) => components)) {
    if (zone.name !== "vtimezone") continue;
    const tzid = textOf(zone, "tzid");
    const location = textOf(zone, "x-lic-location");
    if (tzid !== null && location !== null) located.set(tzid, location);
  }
  const known = new Map<string, string | null>();
  return (tzid) => {
    const found = known.get(tzid) ?? resolve(tzid, located.get(tzid) ?? null);
    known.set(tzid, found);
    return found;
  };
}

function resolve(tzid: string, location: string | null): string | null {
  const segments = tzid.split("/");
  const candidates = [tzid, ...findIana(tzid), segments.slice(-3).join("/"), segments.slice(-2).join("/"), location];
  return candidates.find((name) => name !== null && name !== "" && isIanaName(name)) ?? null;
}

/** An offset such as `+02:00` is no zone: it knows no clock change. */
function isIanaName(name: string): boolean {
  return /^[A-Za-z]/.test(name) && isKnownZone(name);
}
