import { err, ok } from "#core/result.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface HeldDecision {
  readonly decision: "go-on" | "go-back";
  readonly person: string;
}

/** What a run may be told: a decision, when it is on hold; to look again, when a rule of the calendar pauses it. */
export type RunMessage =
  | { readonly topic: "decision"; readonly body: HeldDecision }
  | { readonly topic: "look"; readonly body: null };

/** Tells a run something, in the caller's transaction; the same key tells it once. */
export type TellRun = (records: Records, run: string, message: RunMessage, key: string) => Promise<void>;

export interface DecideHeldDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly tellRun: TellRun;
}

/**
 * A run without enough evidence holds its position and asks a person: go on at the next share, or go back. Going on
 * without evidence is a risk that somebody takes by name; the record keeps who, and why.
 */
export function makeDecideHeld(deps: DecideHeldDeps): Operations["decideHeld"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.findForUpdate(input.id);
      if (deployment === null) return err("no-such-deployment");
      if (deployment.endedAt !== null) return err("already-ended");
      const { held, run } = deployment;
      if (held === null || run === null) return err("not-held");
      const { person } = call.actor;
      const body = { decision: input.decision, person };
      await deps.tellRun(records, run, { topic: "decision", body }, call.requestId);
      // Decided is no longer held: a second decision has nothing to decide.
      await records.deployments.note(deployment.id, { held: null });
      await records.audit.append({
        at: deps.now(),
        actor: call.actor,
        action: "deployment.decide",
        object: deployment.id,
        outcome: input.decision,
        reason: input.reason,
        verdict: deployment.verdict,
        requestId: call.requestId,
        before: { held },
        after: { decision: input.decision },
      });
      return ok(deployment.id);
    });
}
