import { planOfRehearsal } from "#core/rollback/rehearsal-to-plan.ts";
import { err, ok } from "#core/result.ts";
import { repeatedIn, startIn, type StartRunDeps } from "#usecases/plan/start-run.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";

/**
 * Begins a run that deploys the version beside what is live where its service is rehearsed, and takes it back by the same
 * steps as a rollout would; its result is evidence for the pair of the two versions.
 */
export function makeRehearse(deps: StartRunDeps): RollbackOperations["rehearse"] {
  return ({ service, version, reason }, call) =>
    deps.transact(async (records) => {
      const repeated = await repeatedIn(deps, records, call);
      if (repeated !== null) return ok(repeated.run.id);
      const { services, rollbacks } = await records.catalog.inForce();
      const known = services.get(service);
      if (known === undefined) return err("no-such-service");
      const artifact = await records.artifacts.find(service, version);
      if (artifact === null) return err("no-such-artifact");
      const rollback = rollbacks.get(service);
      const plan = rollback?.rehearsal ?? null;
      if (rollback === undefined || plan === null) return err("no-rehearsal-plan");
      const { environment } = plan;
      const live = await records.inventory.current(service, environment);
      if (live === null) return err("nothing-to-roll-back-to");
      if (live.version === version) return err("already-there");
      const pair = {
        service,
        version,
        digest: artifact.digest,
        former: live.version,
        formerDigest: live.digest,
        environment,
      };
      const runbook = {
        name: `rehearse-${service}`,
        version: deps.digestOf({ ...pair, plan }),
        owner: known.team,
        summary: `The way back from ${service}@${version} to ${live.version}, rehearsed in ${environment}.`,
        overseer: null,
        plan: planOfRehearsal(plan, pair),
      };
      const started = await startIn(deps, records, runbook, { reason, owner: null, urgent: false }, call);
      if (started.ok) return ok(started.value.run.id);
      if (started.error === "no-such-person") throw new Error("whoever starts a rehearsal owns its run");
      return err(started.error);
    });
}
