import { listGates } from "#contract/gate.ts";
import { answer, defineHandler } from "#api/handler.ts";
import { presentGate } from "#api/release/present-gate.ts";

export const listGatesHandler = defineHandler(listGates, async (deps, call) => {
  const { state, environment, limit, cursor } = call.query;
  const query = { state: state ?? null, environment: environment ?? null, limit, cursor: cursor ?? null };
  const { items, next } = await deps.gates.list(query);
  return answer(200, { items: items.map((view) => presentGate(view, call.now, deps.settings)), next });
});
