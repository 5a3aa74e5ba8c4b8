import type { ChangeAction } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import type { ErrorBudgetDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { ErrorBudget } from "#core/release/reports.ts";
import { saySource } from "#core/release/source.ts";

/** What makes a service more reliable is what a spent budget asks for. */
const reliabilityActions: readonly ChangeAction[] = ["fix-forward", "roll-back", "restart"];

/** The newest report stands for the whole horizon: when a budget will have recovered, nobody knows. */
export const errorBudgetLeft = defineRule({
  id: "error-budget-left",
  version: "1",
  title: "The service has enough error budget left for something new",
  reason: "A service that has failed its users more often than promised owes them repairs before features.",
  remedy: "Ship what makes it more reliable; features go when the budget has recovered.",
  codes: [
    "no-budget-demanded",
    "reliability-work",
    "budget-assumed",
    "budget-left",
    "budget-unreported",
    "budget-silent",
    "budget-spent",
    "scope-unknown",
  ],
  exemptible: ["budget-spent", "budget-unreported", "budget-silent"],
  overridable: ["budget-spent", "budget-unreported", "budget-silent"],
  needs: ["service", "environment", "errorBudget", "policies"],
  judge(facts) {
    const { at, horizon, subject, environment, errorBudget } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every((settings) => settings.errorBudget === null)) return always(at, notDemanded);
    if (reliabilityActions.includes(subject.action)) {
      return always(at, notApplicable("reliability-work", "What repairs the service needs no error budget."));
    }
    if (errorBudget === "assumed") {
      return always(at, notApplicable("budget-assumed", "Error budgets are not kept here, so they are not judged."));
    }
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).errorBudget;
      return demanded === null ? notDemanded : toJudgement(errorBudget, demanded, subject.service, zone);
    };
    return timelineOfMoments(demands.moments, { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-budget-demanded", "No policy asks for error budget.");

function toJudgement(
  budget: ErrorBudget | null,
  { demand, sources }: Demanded<ErrorBudgetDemand>,
  service: string,
  zone: string | null,
): Judgement {
  const policies = policyEvidence(sources);
  const least = sayPart(demand.minLeft);
  if (budget === null) {
    const sentence = `Nobody has reported the error budget of ${service}; ${sayPolicies(sources)} asks for ${least}.`;
    const remedy: Remedy = {
      kind: "supply-evidence",
      who: `owner of ${service}`,
      what: `Report the error budget of ${service}.`,
    };
    return refuse("deny", "budget-unreported", sentence, [remedy], policies);
  }
  const { left, at } = budget;
  const report = {
    kind: "error-budget",
    ref: service,
    text: `${sayPart(left)} left, ${saySource(budget)}, ${sayInstant(at, zone)}`,
  };
  const evidence = [report, ...policies];
  if (budget.silentSince !== undefined) {
    const since = `${budget.source} has been silent since ${sayInstant(budget.silentSince, zone)}`;
    const sentence = `The error budget of ${service} is not known: ${since}, and ${sayPolicies(sources)} asks for ${least}.`;
    const what = `Let ${budget.source} report the error budget of ${service} again.`;
    const remedy: Remedy = { kind: "supply-evidence", who: `owner of ${service}`, what };
    return refuse("unknown", "budget-silent", sentence, [remedy], evidence);
  }
  if (left >= demand.minLeft) {
    return pass("budget-left", `${sayPart(left)} of the error budget of ${service} is left.`, evidence);
  }
  const sentence = `${sayPart(left)} of the error budget of ${service} is left, less than ${least}: repairs only.`;
  const what = `Let the error budget of ${service} recover to ${least}; fix-forward and roll-back may go meanwhile.`;
  return refuse(
    "deny",
    "budget-spent",
    sentence,
    [{ kind: "clear-signal", who: `owner of ${service}`, what }],
    evidence,
  );
}

/** A part of one as per cent, to a tenth. */
function sayPart(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}
