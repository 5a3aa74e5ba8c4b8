import { answer, defineHandler, refuse } from "#api/handler.ts";
import { allowed } from "#api/plan/run-actions.ts";
import { presentForecast, refusalOf, toQuestion } from "#api/waves/present-waves.ts";
import { forecastWaves } from "#contract/waves.ts";

export const forecastWavesHandler = defineHandler(forecastWaves, async (deps, call) => {
  const { name } = call.params;
  const found = await deps.waves.forecastWaves(toQuestion(name, call.body));
  if (found.ok) {
    const whyNot = found.value.outcome.kind === "fits" ? null : "It does not fit.";
    return answer(200, presentForecast(found.value, [allowed("start", call.identity, "run.start", whyNot)]));
  }
  return refuse(found.error, refusalOf(found.error, name));
});
