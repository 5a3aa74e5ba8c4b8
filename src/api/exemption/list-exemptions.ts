import { answer, defineHandler } from "#api/handler.ts";
import { presentExemption } from "#api/exemption/present.ts";
import { listExemptions } from "#contract/exemption.ts";

export const listExemptionsHandler = defineHandler(listExemptions, async (deps, call) => {
  const { show, limit, cursor } = call.query;
  const openAt = show === "all" ? null : call.now;
  const page = await deps.exemptions.listExemptions({ openAt, limit, cursor: cursor ?? null });
  return answer(200, { items: page.items.map((item) => presentExemption(item, call.now)), next: page.next });
});
