import type { Deployer } from "#connectors/port.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";

export interface AdoptLiveDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly deployer: Pick<Deployer, "observe">;
  /** Pairs of the configuration in force of which the inventory knows nothing. */
  readonly unseen: () => Promise<readonly { readonly service: string; readonly environment: string }[]>;
}

/** Targets looked at in one turn; the next turns take the others. */
export const adoptLimit = 200;

/**
 * First sight: a service that runs at a target, and of which the inventory knows nothing there, is recorded as it is
 * seen. What is recorded already is never overwritten: a difference is drift, and drift is not ours to hide. Returns
 * how many were recorded.
 */
export function makeAdoptLive(deps: AdoptLiveDeps): () => Promise<number> {
  let turn = 0;
  return async () => {
    const unseen = await deps.unseen();
    const start = unseen.length === 0 ? 0 : (turn++ * adoptLimit) % unseen.length;
    let recorded = 0;
    for (const { service, environment } of unseen.slice(start, start + adoptLimit)) {
      if (await adoptOne(deps, service, environment)) recorded++;
    }
    return recorded;
  };
}

async function adoptOne(deps: AdoptLiveDeps, service: string, environment: string): Promise<boolean> {
  const seen = await deps.deployer.observe({ environment, service });
  if (!seen.ok) return false;
  const live = seen.value.versions.find(({ state, percent }) => state === "ready" && percent === 100);
  if (live === undefined) return false;
  return await deps.transact((records) =>
    record(deps, records, { service, environment, version: live.version, digest: live.digest }),
  );
}

async function record(
  deps: AdoptLiveDeps,
  records: Records,
  live: { readonly service: string; readonly environment: string; readonly version: string; readonly digest: string },
): Promise<boolean> {
  if ((await records.inventory.current(live.service, live.environment)) !== null) return false;
  // A first deployment on its way there records itself at its end.
  if ((await records.deployments.findOpen(live.service, live.version, live.environment)) !== null) return false;
  const at = deps.now();
  await records.artifacts.register({
    service: live.service,
    version: live.version,
    digest: live.digest,
    registeredAt: at,
    author: null,
  });
  await records.inventory.record({ ...live, at, deployment: null });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "inventory.observe",
    object: `${live.service}@${live.version}`,
    outcome: "recorded",
    reason: `seen live in ${live.environment} at the first look`,
    verdict: null,
    requestId: null,
    before: null,
    after: live,
  });
  await records.deployments.wake(live.environment, at);
  return true;
}
