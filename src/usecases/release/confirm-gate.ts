import { isIdOf } from "#core/id.ts";
import { tokenLives } from "#core/release/gate.ts";
import { err, ok, type Result } from "#core/result.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { atOneInstant, parkAgain, viewOf, type ClaimGateDeps } from "#usecases/release/claim-gate.ts";

/** Until when the answer holds; the error says what it is instead. */
export type ConfirmGate = (id: string) => Promise<Result<Temporal.Instant, string>>;

/**
 * Whether a gate that was allowed still is, judged in the moment in which somebody is about to be told so: a message may
 * come hours after it was written, and what was true then opens nothing now (semantics §3.1). What is no longer allowed
 * is parked again, and its caller is told when it opens.
 */
export function makeConfirmGate(given: ClaimGateDeps): ConfirmGate {
  return (id) =>
    given.transact(async (records): Promise<Result<Temporal.Instant, string>> => {
      await records.gates.holdFacts();
      const gate = isIdOf("gate", id) ? await records.gates.findForUpdate(id) : null;
      if (gate === null) return err("there is no such gate");
      const deps = await atOneInstant(given, records);
      const view = await viewOf(records, id);
      const { deployment } = view;
      if (deployment.state !== "queued") return err(`the gate is ${deployment.state} by now`);
      const at = deps.now();
      const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
      const verdict = deps.judge(facts);
      if (verdict.decision === "allow") return ok(at.add(tokenLives));
      const verdictId = await records.verdicts.save(verdict, facts, "gate", deployment.id);
      await parkAgain(records, { gate, deployment, verdict }, verdictId, at);
      return err(`the verdict is ${verdict.decision} by now`);
    });
}
