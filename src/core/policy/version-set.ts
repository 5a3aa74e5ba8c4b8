import type { Facts } from "#core/policy/facts.ts";
import { parseRange, parseVersion, satisfies } from "#core/release/semver.ts";
import type { Deployed, PlannedBooking } from "#core/release/state.ts";
import { compareInstants } from "#core/span.ts";

/** What is live of one service in one environment, and what is booked there, in the order of the ends. */
export interface Projection {
  readonly service: string;
  readonly live: readonly string[];
  readonly booked: readonly PlannedBooking[];
}

export interface Inventory extends Pick<Facts, "at" | "bookings"> {
  readonly deployed: readonly Deployed[];
  readonly environment: string;
}

export function projectionOf(service: string, inventory: Inventory): Projection {
  const { at, environment } = inventory;
  const booked: PlannedBooking[] = [];
  for (const booking of inventory.bookings) {
    const isHere = booking.service === service && booking.environment === environment;
    if (isHere && compareInstants(booking.to, at) > 0) booked.push(booking);
  }
  if (booked.length > 1) booked.sort((a, b) => compareInstants(a.to, b.to));
  return { service, live: liveVersions(service, inventory), booked };
}

/** The latest entry for the service; entries since the same instant run side by side. */
function liveVersions(service: string, { deployed, environment, at }: Inventory): readonly string[] {
  let latest: Temporal.Instant | null = null;
  let versions: string[] = [];
  for (const entry of deployed) {
    if (entry.service !== service || entry.environment !== environment || compareInstants(entry.since, at) > 0)
      continue;
    const later = latest === null ? 1 : compareInstants(entry.since, latest);
    if (later > 0) {
      latest = entry.since;
      versions = [entry.version];
    } else if (later === 0) versions.push(entry.version);
  }
  return versions;
}

/**
 * The versions of it that run at an instant, several while a deployment is under way: a booked deployment counts beside
 * what was there from its start, and alone from its end.
 */
export function versionsAt({ live, booked }: Projection, moment: Temporal.Instant): VersionSet {
  let settled = live;
  const arriving: string[] = [];
  for (const { version, from, to } of booked) {
    if (compareInstants(to, moment) <= 0) settled = [version];
    else if (compareInstants(from, moment) <= 0) arriving.push(version);
  }
  return { settled, arriving };
}

export interface VersionSet {
  readonly settled: readonly string[];
  readonly arriving: readonly string[];
}

/** What others can rely on: a first deployment serves nobody before its end. */
export function serving({ settled, arriving }: VersionSet): readonly string[] {
  return settled.length === 0 ? [] : [...settled, ...arriving];
}

/** The instants at which the versions of one of them change. */
export function projectionMoments(projections: readonly Projection[]): readonly Temporal.Instant[] {
  return projections.flatMap(({ booked }) => booked.flatMap(({ from, to }) => [from, to]));
}

/** Whether all the versions are inside of the range; what cannot be read is not taken for a fit. */
export function fitOf(range: string, versions: readonly string[]): "fits" | "unfitting" | "unreadable" {
  const wanted = parseRange(range);
  if (wanted === null) return "unreadable";
  let fit: "fits" | "unfitting" = "fits";
  for (const source of versions) {
    const version = parseVersion(source);
    if (version === null) return "unreadable";
    if (!satisfies(version, wanted)) fit = "unfitting";
  }
  return fit;
}
