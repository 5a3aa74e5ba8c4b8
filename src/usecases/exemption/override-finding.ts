import { personResolver } from "#core/approval/persons.ts";
import { stoppingSubjects } from "#core/exemption/deviation.ts";
import type { Override } from "#core/exemption/exemption.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Rule } from "#core/policy/rule.ts";
import { after, elapsedMs } from "#core/policy/say.ts";
import { makersOf } from "#core/release/artifact.ts";
import { err, ok, type Result } from "#core/result.ts";
import type {
  ExemptionOperations,
  OverrideRefusal,
  OverrideRequest,
} from "#usecases/exemption/exemption-operations.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";

export interface OverrideDeps extends ExemptionDeps {
  readonly judge: Judge;
  readonly rules: readonly Rule[];
}

/** How long an override is good for when nobody says, and at most: an exemption is for what lasts longer. */
export const usualOverride: Temporal.Duration = Temporal.Duration.from({ hours: 4 });
export const maxOverride: Temporal.Duration = Temporal.Duration.from({ hours: 8 });

/** The right that is used; the route of the operation demands the same. */
const right = "finding.override";

/**
 * Passes what one finding of one deployment stops for now, with a reason and for some hours. Never by the requester nor by
 * the author, and only what its rule lets anybody pass (semantics §3.7).
 */
export function makeOverrideFinding(deps: OverrideDeps): ExemptionOperations["overrideFinding"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const deployment = await records.deployments.findForUpdate(input.deployment);
      if (deployment === null) return err("no-such-deployment");
      if (deployment.endedAt !== null) return err("already-ended");
      const lasts = input.lasts ?? usualOverride;
      if (elapsedMs(lasts) <= 0 || elapsedMs(lasts) > elapsedMs(maxOverride)) return err("bad-span");
      const { subject } = deployment;
      const facts = await records.facts.load({ ...subject, onBehalfOf: deployment.id }, at, horizonOf(at));
      const concerned = concernOf(facts, call.actor.person);
      if (concerned !== null) return err(concerned);
      const finding = findingOf(deps, facts, input);
      if (!finding.ok) return finding;
      const { rule, code, sentence, subjects } = finding.value;
      const { reason } = input;
      const override = await records.exemptions.override({
        deployment: deployment.id,
        rule,
        code,
        subjects,
        contentDigest: deployment.contentDigest,
        by: call.actor.person,
        right,
        reason,
        at,
        until: after(at, lasts),
      });
      await records.deployments.wake(subject.environment, at);
      await records.audit.append({
        at,
        actor: call.actor,
        action: right,
        object: deployment.id,
        outcome: `${rule}/${code}`,
        reason,
        verdict: deployment.verdict,
        requestId: call.requestId,
        before: { finding: sentence },
        after: override,
      });
      return ok(override);
    });
}

function concernOf({ subject, artifact, people }: Facts, person: string): "own-request" | "own-work" | null {
  const resolve = personResolver(people);
  const self = resolve(person) ?? person;
  const isSelf = (name: string | null): boolean => name !== null && (resolve(name) ?? name) === self;
  if (isSelf(subject.requestedBy)) return "own-request";
  return makersOf(artifact).some(isSelf) ? "own-work" : null;
}

function findingOf(
  { judge, rules }: OverrideDeps,
  facts: Facts,
  input: OverrideRequest,
): Result<Finding & Pick<Override, "subjects">, OverrideRefusal> {
  const finding = judge(facts).findings.find(({ rule }) => rule === input.rule);
  if (finding === undefined) return err("no-such-finding");
  if (finding.outcome === "pass" || finding.outcome === "not-applicable") return err("not-stopping");
  const rule = rules.find(({ id }) => id === input.rule);
  const overridable = rule?.overridable ?? [];
  if (finding.outcome === "unknown" || !overridable.includes(finding.code)) {
    return err({ code: "not-overridable", finding: finding.sentence, overridable });
  }
  return ok({ ...finding, subjects: rule === undefined ? [] : stoppingSubjects(rule, facts, finding.code) });
}
