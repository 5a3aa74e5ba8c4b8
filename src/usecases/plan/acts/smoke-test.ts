import type { ActAnswer } from "#core/plan/act-request.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";

/** The checks of a version, past its proxy. No checks are no evidence, and no evidence is no health. */
export async function smokeTest(deps: ActDeps, { request }: ActOf<"smoke">): Promise<ActAnswer> {
  const { environment, service, version } = request;
  const seen = await deps.deployer.smoke({ environment, service, version });
  if (!seen.ok) return failedBy(seen.error);
  const failed = seen.value.filter(({ passed }) => !passed);
  if (seen.value.length === 0) return answered("failed", `${service}@${version} has no checks.`);
  if (failed.length === 0) return answered("done", `Passed: ${seen.value.map(({ name }) => name).join(", ")}.`);
  const why = failed.map(({ name, detail }) => `${name} (${detail})`).join("; ");
  return answered("failed", `${failed.length} of ${seen.value.length} checks failed: ${why}.`);
}
