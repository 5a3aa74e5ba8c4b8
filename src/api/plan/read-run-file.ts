import { answer, defineHandler, refuse } from "#api/handler.ts";
import { readRunFile } from "#contract/plan-step.ts";

export const readRunFileHandler = defineHandler(readRunFile, async (deps, call) => {
  const { id, digest } = call.params;
  const found = await deps.plans.readFile(id, digest);
  if (found === null) return refuse("no-such-file", `The run ${id} has no file ${digest}.`);
  return answer(200, { name: found.name, digest, content: Buffer.from(found.content).toString("base64") });
});
