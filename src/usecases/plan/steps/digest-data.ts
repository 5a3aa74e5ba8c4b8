import type { DigestData } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";

/** Nothing changes at the target, so it is dropped when the run turns back. */
export const digestData = actDriver<DigestData>(({ action, step }) => {
  const { environment, service, database, tables } = action;
  const wanted = { database, tables, withinSeconds: step.timeoutSeconds };
  return Promise.resolve({ request: { do: "digest-data", environment, service, ...wanted }, judged: null });
}, "drop");
