import { err, ok } from "#core/result.ts";
import { mayDecide, type RollbackDecision } from "#core/rollback/decision.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { isOfWith } from "#usecases/rollback/audience.ts";
import { endDecision } from "#usecases/rollback/end-decision.ts";
import { rollBackIn } from "#usecases/rollout/roll-back-deployment.ts";

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

export interface DecideHeldDeps extends AdmitDeps {
  readonly transact: Transact;
  readonly tellRun: TellRun;
}

/**
 * A run without enough evidence holds its position and asks a person: go on at the next share, or go back. Going on
 * without evidence is a risk that somebody takes by name; the record keeps who, and why. Where the team of the service
 * has named who decides, nobody else does; and what is live already, with a decision open, stays or goes back.
 */
export function makeDecideHeld(deps: DecideHeldDeps): Operations["decideHeld"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.findForUpdate(input.id);
      if (deployment === null) return err("no-such-deployment");
      const open = await records.rollbackDecisions.openOf(deployment.id);
      if (open !== null && !(await isDecider(records, open, call.actor.person))) return err("not-decider");
      if (deployment.endedAt !== null) return await decideLive(deps, records, { deployment, open, input, call });
      const { held, run } = deployment;
      if (held === null || run === null) return err("not-held");
      const { person } = call.actor;
      const body = { decision: input.decision, person };
      await deps.tellRun(records, run, { topic: "decision", body }, call.requestId);
      // Decided is no longer held: a second decision has nothing to decide.
      await records.deployments.note(deployment.id, { held: null });
      if (open !== null) await settle(deps, records, open, input, call);
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

type Input = Parameters<Operations["decideHeld"]>[0];

interface Asked {
  readonly deployment: DeploymentRecord;
  readonly open: RollbackDecision | null;
  readonly input: Input;
  readonly call: Call;
}

/** After going live: it stays, or is taken back by a deployment in the other direction. */
async function decideLive(
  deps: DecideHeldDeps,
  records: Records,
  { deployment, open, input, call }: Asked,
): Promise<Awaited<ReturnType<Operations["decideHeld"]>>> {
  if (open === null) return err("already-ended");
  if (input.decision === "go-back") {
    const back = await rollBackIn(deps, records, { id: deployment.id, reason: input.reason }, call);
    if (!back.ok) return err("cannot-go-back");
  }
  await settle(deps, records, open, input, call);
  return ok(deployment.id);
}

async function settle(
  deps: DecideHeldDeps,
  records: Records,
  open: RollbackDecision,
  { decision: option, reason }: Input,
  { actor }: Call,
): Promise<void> {
  const at = deps.now();
  await records.rollbackDecisions.say(open.id, { at, person: actor.person, kind: "decision", option, text: reason });
  await endDecision(records, open, { at, option, by: actor, reason });
}

async function isDecider(records: Records, { protocol }: RollbackDecision, person: string): Promise<boolean> {
  const { people } = await records.catalog.inForce();
  const isOf = isOfWith(people);
  return mayDecide(protocol, (name) => isOf(name, person));
}
