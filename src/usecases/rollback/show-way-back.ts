import { wayBackOf } from "#core/policy/way-back.ts";
import { asyncEdges, edgesWithoutLimit, isPastNoReturn, rollbackTime } from "#core/rollback/plan.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

/** Rehearsals of one service that are looked through for the pair. */
const maxRehearsals = 100;

/**
 * The way back as it is planned now. Of what has begun it is the one to the version that was live before; of what waits,
 * to the one that is live.
 */
export function makeShowWayBack(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): RollbackOperations["showWayBack"] {
  return (id) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.find(id);
      if (deployment === null) return null;
      const at = deps.now();
      const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: id }, at, horizonOf(at));
      const { rollbacks } = await records.catalog.inForce();
      const { service, version, environment } = deployment.subject;
      const way = { ...wayBackOf(facts), digest: deployment.digest };
      const former = deployment.startedAt === null ? way.former : deployment.control;
      const edges = facts.service === null ? [] : asyncEdges(facts.service, facts.dependants);
      return {
        service,
        version,
        environment,
        former,
        plan: way.plan,
        missing: way.plan === null ? edges : edgesWithoutLimit(way.plan, edges),
        time: rollbackTime({ ...way, former }),
        isPastNoReturn: isPastNoReturn(way.plan, reached(deployment)),
        rehearsal: await rehearsalOf(records, deployment, former),
        canRehearse: rollbacks.get(service)?.rehearsal ?? null,
        decisions: await records.rollbackDecisions.of(id),
        left: await records.leftVersions.of(id),
      };
    });
}

/** What has gone back or never began has reached nobody. */
function reached({ state, percent }: DeploymentRecord): number {
  return state === "running" || state === "succeeded" ? percent : 0;
}

async function rehearsalOf(
  records: Records,
  { digest, subject }: DeploymentRecord,
  former: string | null,
): Promise<Rehearsal | null> {
  const known = await records.rehearsals.of(subject.service, maxRehearsals);
  return known.find((one) => one.digest === digest && one.former === former) ?? null;
}
