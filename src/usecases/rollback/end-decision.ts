import type { DecisionOption, RollbackDecision } from "#core/rollback/decision.ts";
import { decisionLine, sayOption } from "#usecases/rollback/open-decision.ts";
import { systemActor, type Actor, type Records } from "#usecases/records.ts";

/** Ends a decision in the caller's transaction; `by` null: the default was taken. */
export async function endDecision(
  records: Records,
  decision: RollbackDecision,
  end: {
    readonly at: Temporal.Instant;
    readonly option: DecisionOption;
    readonly by: Actor | null;
    readonly reason: string | null;
  },
): Promise<void> {
  const { at, option, by, reason } = end;
  await records.rollbackDecisions.end(decision.id, { at, option, by: by?.person ?? null });
  const what = sayOption(decision.cause, option);
  const sentence =
    by === null
      ? `Nobody decided in time: ${what}, as its protocol says.`
      : `${by.person} decided: ${what}.${reason === null ? "" : ` ${reason}`}`;
  await decisionLine(records, decision, at, "ended", sentence);
  await records.audit.append({
    at,
    actor: by ?? systemActor,
    action: "rollback.decide",
    object: decision.deployment,
    outcome: option,
    reason: reason ?? sentence,
    verdict: null,
    requestId: null,
    before: { decision: decision.id, because: decision.because },
    after: { option, statements: decision.statements.length },
  });
}
