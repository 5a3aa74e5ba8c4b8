/*
 * Who may use what is shared, and when the others will. A lock is a resource with a capacity of one. A step takes all that
 * it uses at once or nothing, so no two steps can wait for each other.
 */

/** Something that only so many may use at the same time. */
export interface Resource {
  readonly name: string;
  /** Person or team that answers for it. */
  readonly owner: string;
  /** Units in use at the same time at most. */
  readonly capacity: number;
}

export interface ResourceUse {
  readonly resource: string;
  readonly units: number;
}

/** A step that uses resources, or waits for them. */
export interface Claim {
  readonly key: string;
  readonly uses: readonly ResourceUse[];
  /** The lowest goes first; nobody who holds something is interrupted. */
  readonly priority: number;
  /** Order of arrival. */
  readonly seq: number;
  readonly isHeld: boolean;
}

/**
 * Those that may begin now, in their order: by priority, then by arrival. Nobody overtakes somebody who waits for one of
 * the same resources, whatever room is left, so nobody starves; others go by.
 */
export function grantsOf(capacities: ReadonlyMap<string, number>, claims: readonly Claim[]): readonly Claim[] {
  const room = new Map(capacities);
  for (const claim of claims) if (claim.isHeld) take(room, claim);
  const waitedFor = new Set<string>();
  return inOrder(claims.filter(({ isHeld }) => !isHeld)).filter((claim) => {
    const fits = claim.uses.every(
      ({ resource, units }) => !waitedFor.has(resource) && (room.get(resource) ?? 0) >= units,
    );
    if (fits) take(room, claim);
    else for (const { resource } of claim.uses) waitedFor.add(resource);
    return fits;
  });
}

/** Waiting claims in the order in which they are served. */
export function inOrder<C extends Pick<Claim, "priority" | "seq">>(waiting: readonly C[]): readonly C[] {
  return waiting.toSorted((a, b) => a.priority - b.priority || a.seq - b.seq);
}

function take(room: Map<string, number>, { uses }: Claim): void {
  for (const { resource, units } of uses) room.set(resource, (room.get(resource) ?? 0) - units);
}

/** How long a step is expected to take, in seconds from now for one that runs, from its begin for one that waits. */
export interface Expectation {
  readonly least: number;
  readonly most: number;
}

/** When each waiting claim will begin, in seconds from now: at the soonest, and at the latest by what is expected. */
export function expectedStarts(
  capacities: ReadonlyMap<string, number>,
  claims: readonly Claim[],
  expected: (claim: Claim) => Expectation,
): ReadonlyMap<string, Expectation> {
  const soonest = startsBy(capacities, claims, (claim) => expected(claim).least);
  const latest = startsBy(capacities, claims, (claim) => expected(claim).most);
  const found = new Map<string, Expectation>();
  for (const [key, least] of soonest) found.set(key, { least, most: Math.max(least, latest.get(key) ?? least) });
  return found;
}

/** Plays the queue forward: whenever somebody ends, whoever may begins. */
function startsBy(
  capacities: ReadonlyMap<string, number>,
  claims: readonly Claim[],
  seconds: (claim: Claim) => number,
): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  const running = new Map(
    claims.filter(({ isHeld }) => isHeld).map((claim) => [claim.key, Math.max(0, seconds(claim))]),
  );
  let now = 0;
  for (let turns = 0; turns <= 2 * claims.length; turns++) {
    const left = claims.filter(({ key }) => !starts.has(key) || running.has(key));
    const known = left
      .filter(({ key, isHeld }) => running.has(key) || (!isHeld && !starts.has(key)))
      .map((claim) => ({ ...claim, isHeld: running.has(claim.key) }));
    for (const { key } of grantsOf(capacities, known)) {
      const claim = claims.find((one) => one.key === key);
      if (claim === undefined) continue;
      starts.set(key, now);
      running.set(key, now + Math.max(0, seconds(claim)));
    }
    const next = [...running].reduce((best, one) => (one[1] < best[1] ? one : best), ["", Number.POSITIVE_INFINITY]);
    if (!Number.isFinite(next[1])) break;
    now = next[1];
    running.delete(next[0]);
  }
  return starts;
}
