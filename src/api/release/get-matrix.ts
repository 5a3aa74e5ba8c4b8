import { answer, defineHandler } from "#api/handler.ts";
import { presentMatrix } from "#api/release/present-matrix.ts";
import { getMatrix } from "#contract/release.ts";

export const getMatrixHandler = defineHandler(getMatrix, async (deps, call) => {
  const at = call.query.at === undefined ? call.now : Temporal.Instant.from(call.query.at);
  return answer(200, presentMatrix(await deps.views.matrix(at), at));
});
