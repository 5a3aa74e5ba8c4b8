import { err, ok } from "#core/result.ts";
import { planOfWaves } from "#core/waves/waves-to-plan.ts";
import { repeatedIn, startIn, type StartRunDeps } from "#usecases/plan/start-run.ts";
import { forecastIn, type ForecastDeps } from "#usecases/waves/forecast-waves.ts";
import type { WaveOperations } from "#usecases/waves/wave-operations.ts";

/** Begins a run of the plan that the forecast of this instant gives; what does not fit is refused with what would. */
export function makeStartWaves(deps: StartRunDeps & ForecastDeps): WaveOperations["startWaves"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const repeated = await repeatedIn(deps, records, call);
      if (repeated !== null) return ok(repeated);
      const found = await forecastIn(deps, records, input);
      if (!found.ok) return found;
      const { plan, version, outcome, at } = found.value;
      if (outcome.kind !== "fits") return err({ code: "does-not-fit", forecast: found.value });
      const runbook = {
        name: plan.name,
        version: plan.version,
        owner: plan.owner,
        summary: plan.summary,
        overseer: plan.overseer,
        plan: planOfWaves({ plan, version, fit: outcome.fit, atMs: at.epochMilliseconds }),
      };
      return await startIn(deps, records, runbook, { reason: input.reason, owner: input.owner, urgent: false }, call);
    });
}
