import { answer, defineHandler } from "#api/handler.ts";
import { presentSummary } from "#api/release/present.ts";
import { listDeployments } from "#contract/release.ts";

export const listDeploymentsHandler = defineHandler(listDeployments, async (deps, call) => {
  const { environment, service, state, limit, cursor } = call.query;
  const page = await deps.views.listDeployments({
    environment: environment ?? null,
    service: service ?? null,
    state: state ?? null,
    limit,
    cursor: cursor ?? null,
  });
  return answer(200, { items: page.items.map((item) => presentSummary(item, call.now)), next: page.next });
});
