import { saySessions } from "#core/rollout/left-version.ts";
import { err, ok } from "#core/result.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { Transact } from "#usecases/records.ts";

/**
 * What becomes of the sessions of a version that was left running: they are ended, by name and with a reason, or waited
 * for as long again. The sweep does it; here it is put on record.
 */
export function makeDecideOnSessions(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): RollbackOperations["decideOnSessions"] {
  return ({ deployment, decision, reason }, call) =>
    deps.transact(async (records) => {
      if ((await records.deployments.find(deployment)) === null) return err("no-such-deployment");
      const found = await records.leftVersions.of(deployment);
      const left = found.find(({ ended, sessions }) => ended === null && sessions !== null);
      if (left === undefined || left.sessions === null) return err("no-sessions-left");
      const at = deps.now();
      const { person } = call.actor;
      const askAt = at.add({ seconds: left.sessions.drainSeconds });
      const decided = decision === "end" ? { endWantedBy: person, lookAt: at } : { endWantedBy: null, askAt };
      if (!(await records.leftVersions.decide({ ...left, ...decided }))) return err("no-sessions-left");
      const count = left.counted === null ? "The sessions" : saySessions(left.counted);
      const what = decision === "end" ? "are ended" : "are waited for";
      await records.timeline.append({
        deployment,
        at,
        step: "stop-version",
        name: `sessions of ${left.version}, decided at ${at.toString()}`,
        phase: "info",
        sentence: `${person} decided: ${count} of ${left.service}@${left.version} ${what}. ${reason}`,
        detail: { decision },
      });
      await records.audit.append({
        at,
        actor: call.actor,
        action: "deployment.decide-sessions",
        object: deployment,
        outcome: decision,
        reason,
        verdict: null,
        requestId: call.requestId,
        before: { sessions: left.counted, endWantedBy: left.endWantedBy },
        after: { version: left.version, decision },
      });
      return ok(deployment);
    });
}
