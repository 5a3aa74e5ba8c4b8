import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { headlineOf, refusalOf, toQuestion } from "#api/waves/present-waves.ts";
import { startWaves } from "#contract/waves.ts";

export const startWavesHandler = defineHandler(startWaves, async (deps, call) => {
  const { name } = call.params;
  const { reason, owner } = call.body;
  const result = await deps.waves.startWaves({ ...toQuestion(name, call.body), reason, owner }, callOf(call));
  if (result.ok) return answer(201, presentRun(result.value, call.identity));
  const { error } = result;
  if (typeof error === "object") return refuse("waves-do-not-fit", headlineOf(error.forecast));
  if (error === "no-such-person")
    return refuse(error, `There is no person ${owner ?? ""} who could answer for the run.`);
  if (error === "too-many-runs")
    return refuse(error, "As many runs are under way as are looked at. Let some end first.");
  return refuse(error, refusalOf(error, name));
});
