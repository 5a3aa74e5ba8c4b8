import type { MigrateSchema } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { refused } from "#usecases/plan/steps/versions.ts";
import { stepKey } from "#usecases/plan/step-key.ts";

/** Forward the scripts of the version that the database lacks; back exactly those that this run has applied. */
export const migrateSchema = actDriver<MigrateSchema>(async ({ records, action, run, step, part }) => {
  const { environment, service, version, database, direction } = action;
  const artifact = await records.artifacts.find(service, version);
  if (artifact === null) return refused(`${service}@${version} is not registered, so nobody knows its scripts.`);
  const appliedUnder = direction === "back" ? stepKey(run.id, { part: "forward", name: step.name }) : null;
  const { digest } = artifact;
  const wanted = { database, version, digest, direction, appliedUnder, withinSeconds: step.timeoutSeconds };
  return {
    request: { do: "migrate", environment, service, ...wanted },
    judged: part === "forward" ? { version, action: "migrate" } : null,
  };
});
