import { after } from "#core/policy/say.ts";
import { expectedAt, standingOf } from "#core/policy/sequence-standing.ts";
import { stableFrom } from "#core/policy/stable-from.ts";
import type { Inventory } from "#core/policy/version-set.ts";
import type { Sequence, SequencedRelease, Setback } from "#core/release/sequence.ts";
import { compareInstants } from "#core/span.ts";

export interface ForecastRelease {
  readonly release: SequencedRelease;
  /** `back`: a version came back, and none is live since. */
  readonly state: "ready" | "soaking" | "booked" | "back" | "missing";
  /** Live, or expected to be. */
  readonly liveAt: Temporal.Instant;
  /** When it has soaked, and what comes after it may begin. */
  readonly readyAt: Temporal.Instant;
  /** On the longest way: the end of the sequence moves when this moves. */
  readonly isCritical: boolean;
}

/** What the dates stand on: where nothing is booked, a deployment at once and of this length. */
export type LengthOf = (service: string) => Temporal.Duration;

/**
 * When each release of a sequence would be ready in one environment, in the order of the sequence: by its booking, but never
 * before what goes before it is ready; where nothing is booked, as soon as that is so. Windows and other rules count as far
 * as bookings keep to them. A sequence has no circle (`sequenceCycles`).
 */
export function forecastSequence(
  sequence: Sequence,
  inventory: Inventory,
  setbacks: readonly Setback[],
  lengthOf: LengthOf,
): readonly ForecastRelease[] {
  const found = new Map<string, ForecastRelease>();
  // Each round finds one release at least, unless they wait for each other.
  for (let round = 0; round < sequence.releases.length; round++) {
    for (const release of sequence.releases) {
      const before = release.after.flatMap((name) => found.get(name) ?? []);
      if (found.has(release.name) || before.length < release.after.length) continue;
      found.set(release.name, expected(release, before, inventory, setbacks, lengthOf));
    }
  }
  const critical = criticalOf(found);
  return sequence.releases.flatMap(({ name }) => {
    const one = found.get(name);
    return one === undefined ? [] : [{ ...one, isCritical: critical.has(name) }];
  });
}

function expected(
  release: SequencedRelease,
  before: readonly ForecastRelease[],
  inventory: Inventory,
  setbacks: readonly Setback[],
  lengthOf: LengthOf,
): ForecastRelease {
  const standing = standingOf(release, inventory, setbacks);
  const now = expectedAt(standing, inventory.at);
  const known = { release, isCritical: false };
  if (now.kind === "ready" || now.kind === "soaking") {
    const live = standing.live ?? { since: inventory.at };
    return { ...known, state: now.kind, liveAt: live.since, readyAt: stableFrom(live, release.soak) };
  }
  const earliest = before.reduce((last, { readyAt }) => later(last, readyAt), inventory.at);
  const booking = now.kind === "booked" ? now.booking : null;
  const begins = booking === null ? earliest : later(earliest, booking.from);
  const liveAt = begins.add(booking === null ? lengthOf(release.service) : booking.from.until(booking.to));
  const state = standing.setback === null ? now.kind : "back";
  return { ...known, state, liveAt, readyAt: after(liveAt, release.soak) };
}

/** From the release that is ready last back along those that it waits for the longest. */
function criticalOf(found: ReadonlyMap<string, ForecastRelease>): ReadonlySet<string> {
  const names = new Set<string>();
  let next = latestOf([...found.values()]);
  while (next !== null) {
    names.add(next.release.name);
    const isOpen = next.state !== "ready" && next.state !== "soaking";
    next = isOpen ? latestOf(next.release.after.flatMap((name) => found.get(name) ?? [])) : null;
  }
  return names;
}

function latestOf(releases: readonly ForecastRelease[]): ForecastRelease | null {
  return releases.toSorted((a, b) => compareInstants(b.readyAt, a.readyAt))[0] ?? null;
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return compareInstants(a, b) < 0 ? b : a;
}
