import { listViolations } from "#contract/gate.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentViolation } from "#api/release/present-gate.ts";

export const listViolationsHandler = defineHandler(listViolations, async (deps, call) => {
  const { state, limit, cursor } = call.query;
  const { items, next } = await deps.gates.listViolations({ state, limit, cursor: cursor ?? null });
  return answer(200, { items: items.map(presentViolation), next });
});
