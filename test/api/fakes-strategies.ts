import { err, ok } from "#core/result.ts";
import { caseOf, chooseMethod } from "#core/rollout/choice.ts";
import { defaultStrategy } from "#core/rollout/strategy.ts";
import { aService, anEnvironment } from "#core/testing.ts";
import type { StrategyOperations } from "#usecases/rollout/choose-strategy.ts";

/** The choice for any service but `nothing`, of which nothing is said. */
export function fakeStrategies(): StrategyOperations {
  return {
    chooseStrategy: async (target) => {
      if (target.service === "nothing") return err("no-such-service");
      const about = caseOf(aService({ name: target.service }), anEnvironment({ name: target.environment }), null);
      const { name, stages } = defaultStrategy;
      return ok({
        ...target,
        inForce: { name, method: "canary", stages },
        choice: chooseMethod(about, []),
        driver: "embedded",
      });
    },
  };
}
