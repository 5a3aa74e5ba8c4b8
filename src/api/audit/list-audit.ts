import { answer, defineHandler } from "#api/handler.ts";
import { listAudit } from "#contract/audit.ts";

export const listAuditHandler = defineHandler(listAudit, async (deps, call) => {
  const { object, action, limit, cursor } = call.query;
  const page = await deps.views.audit({
    object: object ?? null,
    action: action ?? null,
    limit,
    cursor: cursor ?? null,
  });
  const items = page.items.map(({ at, ...entry }) => ({ ...entry, at: at.toString() }));
  return answer(200, { items, next: page.next });
});
