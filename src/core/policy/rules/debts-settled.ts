import { forwardActions } from "#core/catalog/scope.ts";
import type { Debt } from "#core/exemption/emergency.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Evidence, Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { after, sayDuration, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { compareInstants } from "#core/span.ts";

/**
 * What an emergency owes is shown on every change of the team. A debt that is overdue for longer than policies allow
 * stops what the team wants beside emergencies, whose own price it raises at once (`emergency-permitted`).
 */
export const debtsSettled = defineRule({
  id: "debts-settled",
  version: "1",
  title: "The team has settled what its emergencies owe",
  reason: "A short way that nobody ever has to answer for becomes the usual one.",
  remedy: "Do what is owed, the review before all, and record it with its evidence.",
  codes: ["no-debts", "debts-open", "debts-overdue", "debts-stop", "goes-back", "in-the-lane", "scope-unknown"],
  overridable: ["debts-stop"],
  needs: ["service", "environment", "policies", "debts"],
  judge(facts) {
    const { at, horizon, subject, environment, debts } = facts;
    if (debts.length === 0) return always(at, notApplicable("no-debts", "The team owes nothing."));
    if (!forwardActions.includes(subject.action) || subject.action === "fix-forward") {
      return always(at, notApplicable("goes-back", "Repairs and the way back do not wait for debts."));
    }
    if (subject.class === "emergency") {
      return always(at, notApplicable("in-the-lane", "Overdue debts raise what the emergency itself has to have."));
    }
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    const limits = demands.all.flatMap(({ emergency }) => emergency?.demand.stopsAfter ?? []);
    const moments = debts.flatMap(({ dueAt, paidAt }) => [
      dueAt,
      ...(paidAt === null ? [] : [paidAt]),
      ...limits.map((limit) => after(dueAt, limit)),
    ]);
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement =>
      toJudgement(openAt(debts, moment), demands.settingsAt(moment).emergency, moment, zone);
    return timelineOfMoments([...demands.moments, ...moments], { from: at, to: horizon }, judgeAt);
  },
});

function openAt(debts: readonly Debt[], moment: Temporal.Instant): readonly Debt[] {
  return debts.filter(({ paidAt }) => paidAt === null || compareInstants(paidAt, moment) > 0);
}

function toJudgement(
  open: readonly Debt[],
  demanded: Demanded<EmergencyDemand> | null,
  moment: Temporal.Instant,
  zone: string | null,
): Judgement {
  if (open.length === 0) return notApplicable("no-debts", "The team owes nothing.");
  const isPast = (instant: Temporal.Instant): boolean => compareInstants(instant, moment) <= 0;
  const overdue = open.filter(({ dueAt }) => isPast(dueAt));
  const evidence = open.map((debt) => debtEvidence(debt, zone));
  const limit = demanded?.demand.stopsAfter ?? null;
  const stopping = limit === null ? [] : overdue.filter(({ dueAt }) => isPast(after(dueAt, limit)));
  if (stopping.length > 0 && limit !== null && demanded !== null) {
    const grace = sayDuration(limit);
    const sentence = `${sayDebts(stopping)} ${are(stopping)} overdue for ${grace} or more; ${sayPolicies(demanded.sources)} then let nothing else of the team through.`;
    const parts = stopping.map(partOf);
    const remedies = parts.flatMap((part) => part.remedies);
    const sources = policyEvidence(demanded.sources);
    return { outcome: "deny", code: "debts-stop", sentence, remedies, evidence: [...evidence, ...sources], parts };
  }
  if (overdue.length > 0) {
    return pass("debts-overdue", `${sayDebts(overdue)} ${are(overdue)} overdue.`, evidence);
  }
  return pass("debts-open", `${sayDebts(open)} ${are(open)} open.`, evidence);
}

function partOf({ id, kind, team, emergency }: Debt): StoppingPart {
  const remedy: Remedy = { kind: "change", who: `team ${team}`, what: `Pay the debt ${id} (${kind}).` };
  return { subject: id, code: "debts-stop", said: `the ${kind} of ${emergency} is overdue`, remedies: [remedy] };
}

function are(debts: readonly Debt[]): string {
  return debts.length === 1 ? "is" : "are";
}

function sayDebts(debts: readonly Debt[]): string {
  const said = debts.map(({ kind, emergency }) => `${kind} of ${emergency}`);
  return `The ${sayList(said, "and")}`;
}

function debtEvidence({ id, kind, emergency, dueAt }: Debt, zone: string | null): Evidence {
  return { kind: "debt", ref: id, text: `${kind} of ${emergency}, due ${sayInstant(dueAt, zone)}` };
}
