import type { Observation } from "#connectors/port.ts";
import { trafficRefusals } from "#core/rollout/traffic-abilities.ts";
import {
  refusedBy,
  targetOf,
  wayIn,
  write,
  type Change,
  type Refused,
  type RolloutDeps,
} from "#usecases/rollout/change.ts";

export type Done = { readonly done: true } | Refused;

/** Looks before anything is touched: agent reachable, the former version live as recorded, dependencies answering. */
export async function preflight(deps: RolloutDeps, change: Change): Promise<Done> {
  const seen = await deps.deployer.observe(targetOf(change));
  if (!seen.ok) return refusedBy(seen.error);
  const amiss = controlAmiss(change, seen.value);
  // What is amiss with the version that is left is a reason to leave it.
  const problems = [...(change.back === undefined ? amiss : []), ...methodProblems(change, seen.value)];
  for (const dependency of change.dependencies) {
    const there = await deps.deployer.observe({ environment: change.environment, service: dependency });
    if (!there.ok) problems.push(`${dependency}: ${there.error.message}`);
    else if (!there.value.versions.some(({ state }) => state === "ready"))
      problems.push(`${dependency} has no ready version`);
  }
  const count = 1 + change.dependencies.length;
  const looked = `${count} ${count === 1 ? "target" : "targets"} looked at`;
  const checked = [looked, ...amiss].join("; ");
  if (problems.length === 0) {
    await write(deps, change, {
      step: "preflight",
      name: "preflight",
      phase: "done",
      sentence: `Preflight passed: ${checked}.${comingDowntime(change)}`,
    });
    return { done: true };
  }
  const sentence = `Preflight failed, nothing was touched: ${problems.join("; ")}.`;
  await write(deps, change, { step: "preflight", name: "preflight", phase: "failed", sentence, detail: { problems } });
  return { done: false, code: "preflight-failed", sentence };
}

function controlAmiss({ service, control }: Change, { versions }: Observation): readonly string[] {
  if (control === null) return [];
  const live = versions.find(({ version }) => version === control);
  if (live?.state !== "ready")
    return [`${service}@${control} is recorded as live but is ${live?.state ?? "absent"} at the target`];
  return live.percent === 100 ? [] : [`${service}@${control} has ${live.percent} % of the traffic, not all of it`];
}

/** What only the target can tell of a method: the rest was judged before. */
function methodProblems(change: Change, { routing }: Observation): readonly string[] {
  const { method, sessions, cohort } = wayIn(change);
  if (method === "replica-switch-over") {
    const where = `the agent of ${change.environment} runs one process for each version and has no replica to switch to`;
    return [`${where}; carry a replica switch-over out by a runbook with the commands of your database`];
  }
  if (routing === undefined) return [];
  const percents = change.stages.map(({ percent }) => percent);
  return trafficRefusals(routing.can, { percents, sticky: sessions !== null, cohorts: cohort !== null });
}

function comingDowntime(change: Change): string {
  const { method, downtimeSeconds } = wayIn(change);
  if (method !== "stop-start" || change.control === null) return "";
  const accepted = downtimeSeconds === null ? "" : ` (${downtimeSeconds} s are accepted)`;
  return ` Users will be without ${change.service} from the stop of ${change.control} until ${change.version} has taken over${accepted}.`;
}

/** Starts the new version beside the old with no traffic at all. */
export async function startVersion(deps: RolloutDeps, change: Change, key: string): Promise<Done> {
  const { version, digest, fence } = change;
  const started = await deps.deployer.startVersion({ ...targetOf(change), version, digest }, { key, fence });
  if (!started.ok) return refusedBy(started.error);
  if (started.value.state !== "ready") {
    const sentence = `${change.service}@${version} did not become ready (${started.value.state}).`;
    await write(deps, change, { step: "start-version", name: "start version", phase: "failed", sentence });
    return { done: false, code: "not-ready", sentence };
  }
  await write(deps, change, {
    step: "start-version",
    name: "start version",
    phase: "done",
    sentence:
      wayIn(change).method === "stop-start" && change.control !== null
        ? `${change.service}@${version} runs in place of ${change.control}, and has no traffic yet.`
        : `${change.service}@${version} runs beside ${change.control ?? "nothing"} with 0 % of the traffic.`,
    detail: { digest },
  });
  return { done: true };
}
