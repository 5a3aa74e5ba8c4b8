import { checkLease } from "#contract/gate.ts";
import { answer, defineHandler } from "#api/handler.ts";

/** Unknown, over and foreign leases look alike. */
export const checkLeaseHandler = defineHandler(checkLease, async (deps, call) => {
  const lease = await deps.gates.checkLease(call.body.lease);
  const shown = lease === null ? null : { ...lease, expiresAt: lease.expiresAt.toString() };
  return answer(200, { active: shown !== null, lease: shown });
});
