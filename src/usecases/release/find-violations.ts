import type { Deployer } from "#connectors/port.ts";
import { strangerAt, type LiveVersion } from "#core/release/violation.ts";
import type { Violation } from "#usecases/release/gate-records.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";

export interface FindViolationsDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly deployer: Pick<Deployer, "observe">;
  /** Places of which the inventory knows what is live. */
  readonly recorded: () => Promise<readonly Place[]>;
  readonly newViolationId: () => string;
}

interface Place {
  readonly service: string;
  readonly environment: string;
}

/** Places looked at in one turn; the next turns take the others. At one turn in 15 s a minute holds 800. */
export const violationsLimit = 200;
/** Looks at targets at the same time: one slow target must not use up the turn. */
const looksAtOnce = 8;

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
      const looks = chosen.slice(from, from + looksAtOnce).map((place) => lookAt(deps, place));
      found += (await Promise.all(looks)).filter(Boolean).length;
    }
    return found;
  };
}

async function lookAt(deps: FindViolationsDeps, place: Place): Promise<boolean> {
  const before = await deps.transact((records) => settledAt(records, place));
  if (before === null) return false;
  const seen = await deps.deployer.observe(place);
  if (!seen.ok) return false;
  const stranger = strangerAt(before, seen.value.versions);
  return await deps.transact(async (records) => {
    const after = await settledAt(records, place);
    if (after === null || after.version !== before.version || after.digest !== before.digest) return false;
    return await record(deps, records, place, before, stranger);
  });
}

/** What is recorded as live where nothing is being changed; null while something is. */
async function settledAt(records: Records, { service, environment }: Place): Promise<LiveVersion | null> {
  const running = await records.deployments.running();
  if (running.some(({ subject }) => subject.service === service && subject.environment === environment)) return null;
  return await records.inventory.current(service, environment);
}

async function record(
  deps: FindViolationsDeps,
  records: Records,
  place: Place,
  recorded: LiveVersion,
  seen: LiveVersion | null,
): Promise<boolean> {
  const at = deps.now();
  const open = await records.violations.findOpen(place.service, place.environment);
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
  const { version, digest } = recorded;
  const violation = {
    id: deps.newViolationId(),
    ...place,
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
