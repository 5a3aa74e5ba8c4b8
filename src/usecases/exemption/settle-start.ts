import { deviationKinds } from "#core/exemption/deviation.ts";
import { dueAfter } from "#core/exemption/due.ts";
import { defaultEmergency } from "#core/exemption/lane.ts";
import type { DebtDraft, DeviationUse } from "#core/exemption/register.ts";
import type { DeploymentId, VerdictId } from "#core/id.ts";
import { effectiveSettings } from "#core/policy/effective.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { Gate, Records } from "#usecases/records.ts";

export interface Go {
  readonly deployment: DeploymentId;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly verdictId: VerdictId;
  readonly gate: Gate;
  readonly at: Temporal.Instant;
}

/**
 * What a go leaves behind, in the transaction of the go itself: each use of an exemption or of an override is counted,
 * and an emergency owes from now on.
 */
export async function settleStart(records: Records, go: Go): Promise<void> {
  const uses = usesIn(go);
  if (uses.length > 0) await records.exemptions.use(uses);
  const debts = debtsOf(go);
  if (debts.length > 0) await records.emergencies.owe(debts);
}

/** The exemptions and overrides without which the findings would have stopped. */
export function usesIn({ verdict, deployment, verdictId, gate, facts, at }: Go): readonly DeviationUse[] {
  return verdict.findings.flatMap(({ rule, outcome, evidence }) =>
    outcome !== "pass"
      ? []
      : evidence.flatMap(({ kind: named, ref }) => {
          const kind = deviationKinds.find((one) => one === named);
          const { requestedBy: person } = facts.subject;
          return kind === undefined
            ? []
            : [{ deviation: ref, kind, rule, deployment, verdict: verdictId, gate, person, at }];
        }),
  );
}

function debtsOf({ facts, at }: Go): readonly DebtDraft[] {
  const { subject, emergency, environment } = facts;
  if (subject.class !== "emergency" || emergency === null) return [];
  const demand = demandOf(facts, at);
  const terms = [
    ["review", demand.reviewWithin],
    ["back-merge", demand.backMergeWithin],
    ["rehearsal", demand.rehearsalWithin],
  ] as const;
  return terms.flatMap(([kind, within]): readonly DebtDraft[] => {
    if (within === null) return [];
    const dueAt = dueAfter(at, within, environment?.zone ?? "UTC");
    return [{ kind, team: emergency.team, emergency: emergency.id, since: at, dueAt }];
  });
}

/** What policies ask of an emergency at an instant, or what is asked where none says. */
export function demandOf(facts: Facts, at: Temporal.Instant): EmergencyDemand {
  const scope = subjectScope(facts);
  const found = scope === null ? null : effectiveSettings(facts.policies, scope, at).emergency;
  return found?.demand ?? defaultEmergency;
}
