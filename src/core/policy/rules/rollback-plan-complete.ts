import { riskOf } from "#core/calendar/advice/risk.ts";
import { forwardActions } from "#core/catalog/scope.ts";
import { demandsOver, demandsUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { PolicySource } from "#core/policy/effective.ts";
import type { Judgement, StoppingPart } from "#core/policy/finding.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { capitalised, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { rollbackTimeOf } from "#core/policy/way-back.ts";
import { asyncEdges, edgesWithoutLimit, type AsyncEdge, type RollbackPlan } from "#core/rollback/plan.ts";

/**
 * A plan is whole when it says how long the way back takes, or that is known, and what happens to everything that was
 * handed over asynchronously: of each message and data edge of the catalogue it has to say what does not come back.
 */
export const rollbackPlanComplete = defineRule({
  id: "rollback-plan-complete",
  version: "1",
  title: "The way back is planned, with its limits",
  reason: "What a rollback cannot undo is found out in the night in which it is needed.",
  remedy: "Write the document Rollback of the service, with a limit for every asynchronous edge.",
  codes: [
    "no-plan-demanded",
    "goes-back",
    "low-risk",
    "plan-complete",
    "plan-missing",
    "limit-missing",
    "duration-missing",
    "scope-unknown",
  ],
  exemptible: ["plan-missing", "limit-missing", "duration-missing"],
  overridable: ["plan-missing", "limit-missing", "duration-missing"],
  needs: [
    "service",
    "environment",
    "policies",
    "dependants",
    "rollback",
    "artifact",
    "durations",
    "evidence",
    "deployed",
  ],
  judge(facts) {
    const { at, horizon, subject, service, dependants, rollback } = facts;
    const demands = demandsOver(facts);
    if (demands === null || service === null) return demandsUnknown(at);
    if (demands.all.every((settings) => settings.rollback === null)) return always(at, notDemanded);
    if (!forwardActions.includes(subject.action)) return always(at, goesBack);
    const isHigh = riskOf(subject.risk, service) === "high";
    const missing = missingOf(rollback, {
      team: service.team,
      service: service.name,
      edges: asyncEdges(service, dependants),
      isTimeKnown: rollbackTimeOf(facts) !== null,
    });
    return timelineOfMoments(demands.moments, { from: at, to: horizon }, (moment) => {
      const demanded = demands.settingsAt(moment).rollback;
      const plan = demanded?.demand.plan ?? "none";
      if (demanded === null || plan === "none") return notDemanded;
      if (plan === "high-risk" && !isHigh) return lowRisk;
      return toJudgement(rollback, missing, demanded.sources);
    });
  },
});

const notDemanded = notApplicable("no-plan-demanded", "No policy demands a plan for the way back.");
const goesBack = notApplicable("goes-back", "It goes back itself.");
const lowRisk = notApplicable("low-risk", "A plan for the way back is demanded of changes of high risk only.");

interface Known {
  readonly service: string;
  readonly team: string;
  readonly edges: readonly AsyncEdge[];
  readonly isTimeKnown: boolean;
}

/** Everything that is missing at once, each with what to do about it. */
function missingOf(plan: RollbackPlan | null, known: Known): readonly StoppingPart[] {
  const { service, team, edges, isTimeKnown } = known;
  const who = `team ${team}`;
  if (plan === null) {
    const ends = edges.map((edge) => edge.service);
    const limits = ends.length === 0 ? "" : `, with limits for ${sayList(ends, "and")}`;
    const what = `Write a document of kind Rollback for ${service}${limits}.`;
    const remedies = [{ kind: "change", who, what } as const];
    return [{ subject: "plan", code: "plan-missing", said: `nobody has planned the way back of ${service}`, remedies }];
  }
  const limits = edgesWithoutLimit(plan, edges).map(({ service: other, kind }): StoppingPart => ({
    subject: other,
    code: "limit-missing",
    said: `it does not say what going back leaves behind at ${other} (${kind})`,
    remedies: [{ kind: "change", who, what: `Add a limit for ${other} to Rollback ${plan.document}.` }],
  }));
  if (isTimeKnown) return limits;
  const remedies = [
    { kind: "change", who, what: `Add expected to Rollback ${plan.document}, or rehearse the way back.` } as const,
  ];
  const said = "nobody knows how long the way back takes";
  return [...limits, { subject: "duration", code: "duration-missing", said, remedies }];
}

function toJudgement(
  plan: RollbackPlan | null,
  parts: readonly StoppingPart[],
  sources: readonly PolicySource[],
): Judgement {
  const document =
    plan === null ? [] : [{ kind: "rollback", ref: plan.document, text: `plan of the way back, ${plan.document}` }];
  const evidence = [...document, ...policyEvidence(sources)];
  const [first] = parts;
  if (first === undefined) {
    const count = plan?.limits.length ?? 0;
    const limits = count === 1 ? "1 limit" : `${count} limits`;
    return pass("plan-complete", `The way back is planned, with ${limits}.`, evidence);
  }
  const said = sayList(
    parts.map((part) => part.said),
    "and",
  );
  const sentence = `${plan === null ? capitalised(said) : `The plan of the way back is incomplete: ${said}`}; demanded by ${sayPolicies(sources)}.`;
  const remedies = parts.flatMap((part) => part.remedies);
  return { outcome: "deny", code: first.code, sentence, remedies, evidence, parts };
}
