import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentOverride } from "#api/exemption/present.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { overrideFinding } from "#contract/exemption.ts";

export const overrideFindingHandler = defineHandler(overrideFinding, async (deps, call) => {
  const deployment = toDeploymentId(call.params.id);
  const { rule, reason, lasts } = call.body;
  const length = lasts === null ? null : Temporal.Duration.from(lasts);
  const result = await deps.exemptions.overrideFinding({ deployment, rule, reason, lasts: length }, callOf(call));
  if (result.ok) return answer(200, presentOverride(result.value));
  const { error } = result;
  if (typeof error !== "string") {
    const others =
      error.overridable.length === 0
        ? `Nothing of ${rule} may be overridden.`
        : `Of ${rule} only ${error.overridable.join(", ")} may be overridden.`;
    return refuse(error.code, `${others} The finding names who can help: ${error.finding}`);
  }
  const details = {
    "no-such-deployment": `There is no deployment ${deployment}.`,
    "already-ended": `Deployment ${deployment} has ended; there is nothing left to pass.`,
    "no-such-finding": `No rule is called ${rule}; the findings of the deployment name their rules.`,
    "not-stopping": `The rule ${rule} does not stop ${deployment} now; nothing has to be overridden.`,
    "own-request": "You asked for this deployment. Another person must decide.",
    "own-work": "You wrote what would be deployed. Another person must decide.",
    "bad-span": "An override is good for some minutes or hours, eight at most. What lasts longer is an exemption.",
  };
  return refuse(error, details[error]);
});
