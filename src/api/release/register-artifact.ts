import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { registerArtifact } from "#contract/release.ts";

/** Registering the same again is the same answer: a pipeline may repeat its step. */
export const registerArtifactHandler = defineHandler(registerArtifact, async (deps, call) => {
  const { service, version, digest } = call.body;
  const result = await deps.operations.registerArtifact(call.body, callOf(call));
  if (result.ok) return answer(200, { service, version, digest });
  const details = {
    "no-such-service": `The catalog has no service ${service}. Apply its document first.`,
    "version-is-immutable": `${service} ${version} exists with another digest. Give the new build a new version.`,
  };
  return refuse(result.error, details[result.error]);
});
