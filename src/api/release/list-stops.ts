import { answer, defineHandler } from "#api/handler.ts";
import { presentStop } from "#api/release/present-hold.ts";
import { listStops } from "#contract/hold.ts";

export const listStopsHandler = defineHandler(listStops, async (deps, call) => {
  const { show, limit, cursor } = call.query;
  const inForceAt = show === "all" ? null : call.now;
  const page = await deps.intake.listStops({ inForceAt, limit, cursor: cursor ?? null });
  return answer(200, { items: page.items.map((item) => presentStop(item, call.now)), next: page.next });
});
