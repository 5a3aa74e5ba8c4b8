import { forwardActions, type ChangeAction } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence, policyOwners, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import type { RolloutDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { always } from "#core/policy/timeline.ts";
import { caseOf, strategyExclusions } from "#core/rollout/choice.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import { defaultStrategy, methodOf, sayWayBack, strategyFor, type StrategyInForce } from "#core/rollout/strategy.ts";

/** What brings a version to users at all. */
const rollingActions: readonly ChangeAction[] = ["deploy", "fix-forward", "roll-back"];

/**
 * The strategy that applies must be one that service and place allow (ADR 0034). What only the target can tell is asked in
 * the preflight. A policy may demand a canary; going back is not asked for one.
 */
export const strategyFits = defineRule({
  id: "strategy-fits",
  version: "2",
  title: "The way of the rollout is one that the service and the place allow",
  reason: "Two versions that write at the same time, or a comparison without numbers, do harm that no watch can undo.",
  remedy: "Choose another method for the strategy, or say of the service what makes it fit.",
  codes: ["no-rollout", "fits", "excluded", "canary-demanded", "scope-unknown"],
  exemptible: ["canary-demanded"],
  overridable: ["canary-demanded"],
  needs: ["service", "environment", "strategies", "policies"],
  judge(facts) {
    const { at, horizon, subject, service, environment } = facts;
    const demands = demandsOver(facts);
    if (demands === null || service === null || environment === null) return demandsUnknown(at);
    if (!rollingActions.includes(subject.action)) {
      return always(at, notApplicable("no-rollout", "No version is rolled out by this."));
    }
    const strategy = strategyIn(facts);
    const about = caseOf(service, environment, null);
    const excluded = strategyExclusions(strategy, about);
    if (excluded.length > 0) {
      const reasons = excluded.map(({ sentence }) => sentence).join("; ");
      const sentence = `The strategy ${strategy.name} is ${titleOf(strategy)}, and that is excluded: ${reasons}.`;
      const remedies = excluded.map(({ remedy }): Remedy => ({ kind: "change", who: ownerOf(facts), what: remedy }));
      return always(at, refuse("deny", "excluded", sentence, remedies));
    }
    const said = fits(strategy, subject.action, service.rollout?.downtimeSeconds);
    const isForward = forwardActions.includes(subject.action);
    return timelineOfMoments(demands.moments, { from: at, to: horizon }, (moment) => {
      const demanded = isForward ? demands.settingsAt(moment).rollout : null;
      return demanded === null ? said : canaryOr(said, facts, strategy, demanded);
    });
  },
});

type StrategyFacts = Pick<Facts, "subject" | "service" | "environment" | "strategies">;

function strategyIn(facts: StrategyFacts): StrategyInForce {
  const scope = subjectScope(facts);
  return scope === null ? defaultStrategy : strategyFor(facts.strategies, scope);
}

function ownerOf({ subject }: StrategyFacts): string {
  return `owner of ${subject.service}`;
}

function titleOf(strategy: StrategyInForce): string {
  if (strategy.insteadOf !== undefined && strategy.method === undefined) return "one shift";
  return rolloutMethods[methodOf(strategy)].title.toLowerCase();
}

function fits(strategy: StrategyInForce, action: ChangeAction, downtimeSeconds: number | undefined): Judgement {
  const isDown = methodOf(strategy) === "stop-start";
  const downtime = isDown ? `: users are without it meanwhile, and accept ${downtimeSeconds ?? 0} s` : "";
  const back = action === "roll-back" ? ` ${sayWayBack(strategy)}` : "";
  const by = strategy.insteadOf === undefined ? `, strategy ${strategy.name}` : "";
  return pass("fits", `It goes by ${titleOf(strategy)}${by}${downtime}.${back}`);
}

function canaryOr(
  said: Judgement,
  facts: StrategyFacts,
  strategy: StrategyInForce,
  { demand, sources }: Demanded<RolloutDemand>,
): Judgement {
  const impact = facts.service?.rollout?.impact;
  // An impact that nobody has told may be any.
  const isConcerned = impact === undefined || demand.canaryFor.includes(impact);
  if (!isConcerned || methodOf(strategy) === "canary") return said;
  const known = impact === undefined ? "of unknown impact" : `of ${impact} impact`;
  const sentence = `A defect of ${facts.subject.service} is ${known}, and ${sayPolicies(sources)} asks for a canary; the strategy ${strategy.name} is ${titleOf(strategy)}.`;
  const remedies: readonly Remedy[] = [
    { kind: "change", who: ownerOf(facts), what: `Write a Strategy with method: canary for ${facts.subject.service}.` },
    { kind: "change", who: policyOwners(sources), what: "Move the bar, or grant an exemption." },
  ];
  return refuse("deny", "canary-demanded", sentence, remedies, policyEvidence(sources));
}
