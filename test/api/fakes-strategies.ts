import { err, ok } from "#core/result.ts";
import { caseOf, chooseMethod } from "#core/rollout/choice.ts";
import { defaultStrategy } from "#core/rollout/strategy.ts";
import { aService, anEnvironment } from "#core/testing.ts";
import type { StrategyOperations } from "#usecases/rollout/choose-strategy.ts";

/** The choice for any service but `nothing`, of which nothing is said. */
export function fakeStrategies(): StrategyOperations {
  return {
    chooseStrategy: async ({ service, environment }) => {
      if (service === "nothing") return err("no-such-service");
      const about = caseOf(aService({ name: service }), anEnvironment({ name: environment }), null);
      const { name, stages } = defaultStrategy;
      return ok({
        service,
        environment,
        inForce: { name, method: "canary", stages, isDefault: true },
        choice: chooseMethod(about, []),
        driver: "embedded",
      });
    },
  };
}
