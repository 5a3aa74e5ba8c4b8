import { after } from "#core/policy/say.ts";
import { stableFrom } from "#core/policy/stable-from.ts";
import { projectionOf, versionsAt, type Inventory, type Projection } from "#core/policy/version-set.ts";
import { isOfRelease, type SequencedRelease, type Setback } from "#core/release/sequence.ts";
import type { Deployed, PlannedBooking } from "#core/release/state.ts";
import { compareInstants } from "#core/span.ts";

/** How a release stands in one environment. */
export interface ReleaseStanding {
  readonly release: SequencedRelease;
  readonly projection: Projection;
  /** Since when a version of it is live, and until when its stabilisation was prolonged; null: none is. */
  readonly live: Pick<Deployed, "since" | "stabilisingUntil"> | null;
  /** The last time that one of its versions came back; null: never. */
  readonly setback: Setback | null;
}

export function standingOf(
  release: SequencedRelease,
  inventory: Inventory,
  setbacks: readonly Setback[],
): ReleaseStanding {
  const { environment, at, deployed } = inventory;
  const isIn = (row: { readonly service: string; readonly version: string; readonly environment: string }): boolean =>
    row.service === release.service && row.environment === environment && isOfRelease(release, row.version) === true;
  const projection = projectionOf(release.service, inventory);
  const isLive = projection.live.length > 0 && projection.live.every((version) => isOfRelease(release, version));
  const [row] = deployed.filter((one) => isIn(one) && compareInstants(one.since, at) <= 0);
  const back = setbacks.filter(isIn).toSorted((a, b) => compareInstants(b.at, a.at));
  return { release, projection, live: isLive ? (row ?? null) : null, setback: back[0] ?? null };
}

/** What is expected of a release at an instant. */
export type Expected =
  | { readonly kind: "ready" }
  /** Live, and others wait for this instant. */
  | { readonly kind: "soaking"; readonly until: Temporal.Instant }
  /** Not live; a booking brings it, and others wait for this instant. */
  | { readonly kind: "booked"; readonly booking: PlannedBooking; readonly until: Temporal.Instant }
  | { readonly kind: "missing" };

export function expectedAt({ release, projection, live }: ReleaseStanding, moment: Temporal.Instant): Expected {
  const { settled } = versionsAt(projection, moment);
  if (settled.length > 0 && settled.every((version) => isOfRelease(release, version))) {
    const arrived = projection.booked.filter(({ to }) => compareInstants(to, moment) <= 0).at(-1);
    const now = arrived === undefined ? live : { since: arrived.to };
    const until = now === null ? moment : stableFrom(now, release.soak);
    return compareInstants(until, moment) <= 0 ? { kind: "ready" } : { kind: "soaking", until };
  }
  const booking = projection.booked.find(
    ({ to, version }) => compareInstants(to, moment) > 0 && isOfRelease(release, version) === true,
  );
  return booking === undefined
    ? { kind: "missing" }
    : { kind: "booked", booking, until: after(booking.to, release.soak) };
}

/** The instants at which what is expected of it changes. */
export function momentsOf({ release, projection, live }: ReleaseStanding): readonly Temporal.Instant[] {
  const ends = projection.booked.map(({ to }) => to);
  const soaked = ends.map((arrived) => after(arrived, release.soak));
  return [...ends, ...soaked, ...(live === null ? [] : [stableFrom(live, release.soak)])];
}
