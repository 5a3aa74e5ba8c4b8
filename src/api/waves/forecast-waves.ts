import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentForecast, refusalOf, toQuestion } from "#api/waves/present-waves.ts";
import { forecastWaves } from "#contract/waves.ts";

export const forecastWavesHandler = defineHandler(forecastWaves, async (deps, call) => {
  const { name } = call.params;
  const found = await deps.waves.forecastWaves(toQuestion(name, call.body));
  if (found.ok) return answer(200, presentForecast(found.value));
  return refuse(found.error, refusalOf(found.error, name));
});
