import type { MigrateSchema } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { stepKey } from "#usecases/plan/step-key.ts";

/** Forward the scripts of the version that the database lacks; back exactly those that this run has applied. */
export const migrateSchema = actDriver<MigrateSchema>(({ action, run, step, part }) => {
  const { environment, service, version, database, direction } = action;
  const appliedUnder = direction === "back" ? stepKey(run.id, { part: "forward", name: step.name }) : null;
  const wanted = { database, version, direction, appliedUnder, withinSeconds: step.timeoutSeconds };
  return Promise.resolve({
    request: { do: "migrate", environment, service, ...wanted },
    judged: part === "forward" ? { version, action: "migrate" } : null,
  });
});
