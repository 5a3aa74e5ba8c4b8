import { systemActor, type Records } from "#usecases/records.ts";
import type { GateRecord } from "#usecases/release/gate-records.ts";
import { tell } from "#usecases/release/move.ts";

/**
 * Ends a parked gate whose verdict in force is a denial and that asked not to wait for that: a pipeline that would go
 * on asking for ever holds nothing here, but somebody looks at it there. The caller has locked the gate.
 */
export async function endDenied(records: Records, gate: GateRecord, at: Temporal.Instant): Promise<void> {
  const deployment = await records.deployments.findForUpdate(gate.deployment);
  // Judged again, or ended, since it was found.
  if (deployment === null || deployment.state !== "waiting") return;
  const outcome = "It is denied now, and its pipeline asked not to be parked then.";
  await tell(records, deployment, { kind: "rejected" }, { nextCheckAt: null, endedAt: at, outcome });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "gate.deny",
    object: gate.id,
    outcome: "denied",
    reason: outcome,
    verdict: deployment.verdict,
    requestId: null,
    before: { state: "parked" },
    after: { state: "denied" },
  });
}
