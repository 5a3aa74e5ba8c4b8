import { err, ok } from "#core/result.ts";
import { mayState } from "#core/rollback/may-state.ts";
import { isOfWith } from "#usecases/rollback/audience.ts";
import { decisionLine } from "#usecases/rollback/open-decision.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { Transact } from "#usecases/records.ts";

/**
 * An objection, or the answer of somebody whose business it is: on record with name and time, for whoever decides. It
 * does not stop the clock.
 */
export function makeSayOnDecision(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): RollbackOperations["sayOnDecision"] {
  return ({ deployment, text, option }, call) =>
    deps.transact(async (records) => {
      if ((await records.deployments.find(deployment)) === null) return err("no-such-deployment");
      const decision = await records.rollbackDecisions.openOf(deployment);
      if (decision === null) return err("no-open-decision");
      const at = deps.now();
      const { person } = call.actor;
      const { people } = await records.catalog.inForce();
      const speaker = people.get(person);
      if (speaker === undefined || !mayState(decision.protocol, speaker).allowed) return err("not-asked");
      const isOf = isOfWith(people);
      const isAsked = decision.protocol.stakeholders.some(
        ({ who, deputy }) => isOf(who, person) || (deputy !== null && isOf(deputy, person)),
      );
      const kind = isAsked && decision.protocol.downtime !== null ? "answer" : "objection";
      const statement = { at, person, kind, option, text } as const;
      await records.rollbackDecisions.say(decision.id, statement);
      const wish = option === null ? "" : option === "go-back" ? " (go back)" : " (do not go back)";
      const verb = kind === "answer" ? "answers" : "objects";
      const number = decision.statements.length + 1;
      await decisionLine(records, decision, at, `statement ${number}`, `${person} ${verb}${wish}: ${text}`);
      await records.audit.append({
        at,
        actor: call.actor,
        action: "rollback.state",
        object: deployment,
        outcome: kind,
        reason: text,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { decision: decision.id, option },
      });
      return ok(deployment);
    });
}
