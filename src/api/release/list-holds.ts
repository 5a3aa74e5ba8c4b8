import { answer, defineHandler } from "#api/handler.ts";
import { presentHold } from "#api/release/present-hold.ts";
import { listHolds } from "#contract/hold.ts";

export const listHoldsHandler = defineHandler(listHolds, async (deps, call) => {
  const { show, limit, cursor } = call.query;
  const inForceAt = show === "all" ? null : call.now;
  const page = await deps.intake.listHolds({ inForceAt, limit, cursor: cursor ?? null });
  return answer(200, { items: page.items.map((item) => presentHold(item, call.now)), next: page.next });
});
