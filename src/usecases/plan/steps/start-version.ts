import type { StartVersion } from "#core/plan/act.ts";
import { actDriver } from "#usecases/plan/steps/act.ts";
import { refused, subjectOf } from "#usecases/plan/steps/versions.ts";

/** The version beside the others, without traffic; its digest is the one on record, and the target compares it. */
export const startVersion = actDriver<StartVersion>(async ({ records, action }) => {
  const artifact = await records.artifacts.find(action.service, action.version);
  if (artifact === null) return refused(`${action.service}@${action.version} is not registered.`);
  return {
    request: { do: "start-version", ...subjectOf(action), digest: artifact.digest },
    judged: { version: action.version, action: "deploy" },
  };
});
