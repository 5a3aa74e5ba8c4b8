import { newId } from "#runtime/ids.ts";
import { judging } from "#main/bind-operations.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Transact } from "#usecases/records.ts";
import { makeForecastWaves } from "#usecases/waves/forecast-waves.ts";
import { makeStartWaves } from "#usecases/waves/start-waves.ts";
import type { WaveOperations } from "#usecases/waves/wave-operations.ts";

/** Wave plans, and runs of them on the way that all runs go. */
export function bindWaves(transact: Transact, deps: PlanDeps): WaveOperations {
  const forecasting = { ...deps, transact, judging };
  return {
    listWavePlans: () => transact(async (records) => [...(await records.catalog.inForce()).wavePlans.values()]),
    forecastWaves: makeForecastWaves(forecasting),
    startWaves: makeStartWaves({ ...forecasting, newRunId: () => newId("run") }),
  };
}
