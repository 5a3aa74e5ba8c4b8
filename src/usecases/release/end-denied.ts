import { isIdOf, type VerdictId } from "#core/id.ts";
import { systemActor, type DeploymentRecord, type Records } from "#usecases/records.ts";
import { tell } from "#usecases/release/move.ts";

/**
 * Ends a parked gate that is denied now and asked not to wait for that; false for everything else, which waits on. A
 * pipeline that would go on asking for ever holds nothing here, but somebody looks at it there.
 */
export async function endDenied(
  records: Records,
  deployment: DeploymentRecord,
  verdict: VerdictId,
  at: Temporal.Instant,
): Promise<boolean> {
  const { run } = deployment;
  if (run === null || !isIdOf("gate", run)) return false;
  if ((await records.gates.find(run))?.whenDenied !== "end") return false;
  const outcome = "It is denied now, and its pipeline asked not to be parked then.";
  await tell(records, deployment, { kind: "rejected" }, { verdict, nextCheckAt: null, endedAt: at, outcome });
  await records.audit.append({
    at,
    actor: systemActor,
    action: "gate.deny",
    object: run,
    outcome: "denied",
    reason: outcome,
    verdict,
    requestId: null,
    before: { state: "parked" },
    after: { state: "denied" },
  });
  return true;
}
