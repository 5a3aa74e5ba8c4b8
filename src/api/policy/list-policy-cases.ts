import { answer, defineHandler } from "#api/handler.ts";
import { presentCase } from "#api/policy/present-policy.ts";
import { listPolicyCases } from "#contract/policy.ts";

export const listPolicyCasesHandler = defineHandler(listPolicyCases, async (deps) => {
  const { items, left } = await deps.policies.cases();
  return answer(200, { items: items.map(presentCase), left });
});
