import { answer, defineHandler, refuse } from "#api/handler.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import { actionsOn } from "#api/release/present.ts";
import { presentNow, presentStages } from "#api/rollout/present-canary.ts";
import { getCanary } from "#contract/canary.ts";
import { can } from "#core/access/can.ts";
import { defaultJudgeSettings } from "#core/rollout/judge.ts";
import { pictureFrames } from "#core/rollout/looks.ts";

/** Points of a picture: more than a screen is wide shows nothing more. */
const mostLooks = 400;
/** Names that a person reads; how many more there are is said. */
const mostPeople = 8;

export const getCanaryHandler = defineHandler(getCanary, async (deps, call) => {
  const id = toDeploymentId(call.params.id);
  const view = await deps.views.deployment(id);
  if (view === null) return refuse("no-such-deployment", `There is no deployment ${id}.`);
  const looks = await deps.views.looks(id, mostLooks);
  const abort = actionsOn(view, call.identity, call.now).find(({ name }) => name === "abort");
  if (abort === undefined) throw new Error("nothing says whether a deployment may be aborted");
  const people = [...(await deps.views.people()).values()]
    .filter((person) => can({ person }, "deployment.abort").allowed)
    .map(({ name }) => name)
    .toSorted();
  const { record, timeline } = view;
  return answer(200, {
    deployment: id,
    state: record.state,
    control: record.control,
    canary: record.subject.version,
    alpha: defaultJudgeSettings.alpha,
    metrics: pictureFrames(defaultJudgeSettings),
    stages: presentStages(timeline, looks),
    now: presentNow(looks),
    looks: looks.map(({ second, percent, metrics }) => ({ second, percent, metrics })),
    abort: { action: abort, people: people.slice(0, mostPeople), more: Math.max(0, people.length - mostPeople) },
    asOf: call.now.toString(),
  });
});
