import { closingOf, type OpeningFacts } from "#core/policy/opening-spans.ts";
import { wayBackOf } from "#core/policy/way-back.ts";
import { asyncEdges, edgesWithoutLimit, isPastNoReturn, rollbackTime, type RollbackTime } from "#core/rollback/plan.ts";
import { sayWayBack } from "#core/rollout/strategy.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { LatestStart, RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import { strategyOf } from "#usecases/release/content.ts";
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
      const time = rollbackTime({ ...way, former });
      const edges = facts.service === null ? [] : asyncEdges(facts.service, facts.dependants);
      return {
        service,
        version,
        environment,
        former,
        how: sayWayBack(strategyOf({ ...facts, subject: { ...facts.subject, action: "roll-back" } })),
        plan: way.plan,
        missing: way.plan === null ? edges : edgesWithoutLimit(way.plan, edges),
        time,
        latestStart: latestStart(facts, time),
        isPastNoReturn: isPastNoReturn(way.plan, reached(deployment)),
        rehearsal: await rehearsalOf(records, deployment, former),
        canRehearse: rollbacks.get(service)?.rehearsal ?? null,
        decisions: await records.rollbackDecisions.of(id),
        left: await records.leftVersions.of(id),
      };
    });
}

/** null: nobody knows how long it takes, or no end of the opening is in sight. */
function latestStart(facts: OpeningFacts, time: RollbackTime | null): LatestStart | null {
  if (time === null) return null;
  const milliseconds = Math.ceil(time.milliseconds);
  const closesAt = closingOf(facts, milliseconds);
  return closesAt === null ? null : { at: closesAt.subtract({ milliseconds }), closesAt };
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
