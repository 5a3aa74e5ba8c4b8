import { answer, defineHandler, refuse } from "#api/handler.ts";
import { chooseStrategy } from "#contract/strategy.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import type { MethodId } from "#core/rollout/strategy.ts";

export const chooseStrategyHandler = defineHandler(chooseStrategy, async (deps, call) => {
  const { service, environment } = call.query;
  const found = await deps.strategies.chooseStrategy(call.query);
  if (!found.ok) return refuse(found.error, "Name a service and an environment of the configuration in force.");
  const { inForce, choice, driver } = found.value;
  return answer(200, {
    service,
    environment,
    inForce: {
      name: inForce.name,
      method: inForce.method,
      isDefault: inForce.isDefault,
      stages: inForce.stages.map(({ percent }) => percent),
      isExcluded: choice.excluded.some(({ method }) => method === inForce.method),
    },
    ranked: choice.ranked.map(({ method, points, weights, cites }) => ({
      ...about(method),
      points,
      weights: weights.map((weight) => ({ ...weight })),
      cites: [...cites],
    })),
    excluded: choice.excluded.map(({ method, reasons }) => ({
      ...about(method),
      reasons: reasons.map((reason) => ({ ...reason })),
    })),
    driver,
  });
});

function about(method: MethodId): { readonly method: MethodId; readonly title: string; readonly summary: string } {
  const { title, summary } = rolloutMethods[method];
  return { method, title, summary };
}
