import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { presentRun } from "#api/plan/present-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { noteOnRun } from "#contract/plan-command.ts";

export const noteOnRunHandler = defineHandler(noteOnRun, async (deps, call) => {
  const { id } = call.params;
  const result = await deps.plans.noteOnRun({ id, ...call.body }, callOf(call));
  if (result.ok) return answer(201, presentRun(result.value, call.identity));
  if (result.error === "no-such-run") return refuse("no-such-run", noSuchRun(id));
  return refuse("too-many-notes", `The run ${id} has as many notes as are kept of one. Write a document and link it.`);
});
