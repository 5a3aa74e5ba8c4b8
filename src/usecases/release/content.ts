import type { Records } from "#usecases/records.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { RollbackPlan } from "#core/rollback/plan.ts";
import type { Artifact } from "#core/release/artifact.ts";
import { defaultStrategy, howItRolls, strategyFor, type StrategyInForce } from "#core/rollout/strategy.ts";
import { forwardActions } from "#core/catalog/scope.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";

/** Makes `sha256:…` of a value's canonical JSON (`core/audit/canonical`). */
export type DigestOf = (value: unknown) => string;

/** The strategy that applies to the subject, as far as the facts know service and environment. */
export function strategyOf(facts: Pick<Facts, "strategies" | "service" | "environment" | "subject">): StrategyInForce {
  const scope = subjectScope(facts);
  return scope === null ? defaultStrategy : strategyFor(facts.strategies, scope);
}

/**
 * The digest over everything that will run (semantics §4): artifact, target, the plan of its traffic, and that of its way
 * back where there is one. An approval binds to it; any change makes another digest, and what was approved is void.
 */
export function contentDigest(
  digestOf: DigestOf,
  facts: Pick<Facts, "strategies" | "service" | "environment" | "subject" | "rollback">,
  artifact: Artifact,
): string {
  const { subject, rollback } = facts;
  const strategy = strategyOf(facts);
  return digestOf({
    artifact: artifact.digest,
    service: subject.service,
    version: subject.version,
    environment: subject.environment,
    action: subject.action,
    class: subject.class,
    stages: strategy.stages,
    ...howItRolls(strategy),
    ...(rollback === null || !forwardActions.includes(subject.action) ? {} : { rollback: shownOf(rollback) }),
  });
}

/** As canonical JSON, which knows no spans of time. */
function shownOf({ expected, ...plan }: RollbackPlan): unknown {
  return { ...plan, expected: expected?.toString() ?? null };
}

/** Digest of what would run now; null when the artifact is gone. */
export async function contentNow(
  { digestOf }: { readonly digestOf: DigestOf },
  records: Pick<Records, "artifacts">,
  facts: Facts,
): Promise<string | null> {
  const { service, version } = facts.subject;
  const artifact = await records.artifacts.find(service, version);
  return artifact === null ? null : contentDigest(digestOf, facts, artifact);
}
