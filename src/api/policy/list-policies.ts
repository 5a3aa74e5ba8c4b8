import { answer, defineHandler } from "#api/handler.ts";
import { presentPolicy } from "#api/policy/present-policy.ts";
import { listPolicies } from "#contract/policy.ts";

export const listPoliciesHandler = defineHandler(listPolicies, async (deps, call) => {
  const policies = await deps.policies.list(call.now);
  return answer(200, { items: policies.map(presentPolicy) });
});
