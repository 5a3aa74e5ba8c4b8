import type { Deployer } from "#connectors/port.ts";
import type { ServicePlace } from "#core/catalog/place.ts";
import { strangerAt, type LiveVersion } from "#core/release/violation.ts";
import type { Violation } from "#usecases/release/gate-records.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";

export interface FindViolationsDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly deployer: Pick<Deployer, "observe">;
  /** Places of which the inventory knows what is live. */
  readonly recorded: () => Promise<readonly ServicePlace[]>;
  readonly newViolationId: () => string;
}

/** Places looked at in one turn; the next turns take the others. At one turn in 15 s a minute holds 800. */
export const violationsLimit = 200;
/** Looks at targets at the same time: one slow target must not use up the turn. */
const looksAtOnce = 20;

/**
 * Looks at targets for versions that no deployment and no gate has brought there (capability C2). What is seen while
 * work is under way there proves nothing, so the record is read before the look and compared after it. Returns how many
 * violations began.
 */
export function makeFindViolations(deps: FindViolationsDeps): () => Promise<number> {
  let turn = 0;
  return async () => {
    const places = await deps.recorded();
    const start = places.length === 0 ? 0 : (turn++ * violationsLimit) % places.length;
    const chosen = places.slice(start, start + violationsLimit);
    let found = 0;
    for (let from = 0; from < chosen.length; from += looksAtOnce) {
      found += await lookAt(deps, chosen.slice(from, from + looksAtOnce));
    }
    return found;
  };
}

type Settled = ServicePlace & LiveVersion;

async function lookAt(deps: FindViolationsDeps, places: readonly ServicePlace[]): Promise<number> {
  const before = await deps.transact((records) => records.inventory.settled(places));
  const looks = await Promise.all(
    before.map(async (recorded) => {
      const { service, environment } = recorded;
      const seen = await deps.deployer.observe({ service, environment });
      return seen.ok ? [{ recorded, stranger: strangerAt(recorded, seen.value.versions) }] : [];
    }),
  );
  return await deps.transact((records) => compare(deps, records, looks.flat()));
}

interface Look {
  readonly recorded: Settled;
  readonly stranger: LiveVersion | null;
}

/** Only where the record is still what it was before the look. */
async function compare(deps: FindViolationsDeps, records: Records, looks: readonly Look[]): Promise<number> {
  const places = looks.map(({ recorded }) => recorded);
  const after = new Map((await records.inventory.settled(places)).map((each) => [nameOf(each), each]));
  const open = new Map((await records.violations.openAt(places)).map((each) => [nameOf(each), each]));
  let found = 0;
  for (const { recorded, stranger } of looks) {
    const now = after.get(nameOf(recorded));
    if (now?.version !== recorded.version || now.digest !== recorded.digest) continue;
    if (await record(deps, records, recorded, open.get(nameOf(recorded)) ?? null, stranger)) found++;
  }
  return found;
}

const nameOf = ({ service, environment }: ServicePlace): string => `${service} ${environment}`;

async function record(
  deps: FindViolationsDeps,
  records: Records,
  recorded: Settled,
  open: Violation | null,
  seen: LiveVersion | null,
): Promise<boolean> {
  const at = deps.now();
  const isSame =
    open !== null &&
    seen !== null &&
    open.seen.version === seen.version &&
    open.seen.digest === seen.digest &&
    open.recorded.version === recorded.version;
  if (isSame) {
    await records.violations.seenAgain(open.id, at);
    return false;
  }
  if (open !== null) {
    await records.violations.end(open.id, at);
    await note(records, open, "ended", at);
  }
  if (seen === null) return false;
  const { service, environment, version, digest } = recorded;
  const violation = {
    id: deps.newViolationId(),
    service,
    environment,
    seen,
    recorded: { version, digest },
    firstSeenAt: at,
    lastSeenAt: at,
    endedAt: null,
  };
  await records.violations.insert(violation);
  await note(records, violation, "found", at);
  return true;
}

async function note(records: Records, violation: Violation, outcome: string, at: Temporal.Instant): Promise<void> {
  const { id, service, environment, seen, recorded } = violation;
  await records.audit.append({
    at,
    actor: systemActor,
    action: "violation.record",
    object: id,
    outcome,
    reason: `${service}@${seen.version} is live in ${environment}, where ${recorded.version} is on record, and nothing allowed it`,
    verdict: null,
    requestId: null,
    before: { ...recorded },
    after: { service, environment, ...seen },
  });
}
