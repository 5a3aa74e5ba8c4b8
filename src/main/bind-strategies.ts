import type { Pool } from "pg";
import type { Deployer } from "#connectors/port.ts";
import { pastRollouts } from "#store/past-rollout.ts";
import { readSnapshot } from "#store/sql.ts";
import type { Transact } from "#usecases/records.ts";
import { makeChooseStrategy, type StrategyOperations } from "#usecases/rollout/choose-strategy.ts";

/** Advice asks the target what its proxy can do, and says so where it does not answer. */
export function bindStrategies(
  pool: Pool,
  transact: Transact,
  deployer: Deployer | null,
  now: () => Temporal.Instant,
): StrategyOperations {
  return {
    chooseStrategy: makeChooseStrategy({
      now,
      transact,
      observe: async (target) => {
        const seen = await deployer?.observe(target);
        return seen?.ok === true ? seen.value : null;
      },
      history: (environment, since) => readSnapshot(pool, (client) => pastRollouts(client, environment, since)),
    }),
  };
}
