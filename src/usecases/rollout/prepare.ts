import { trafficRefusals } from "#core/rollout/traffic-abilities.ts";
import { refusedBy, targetOf, write, type Change, type Refused, type RolloutDeps } from "#usecases/rollout/change.ts";

export type Done = { readonly done: true } | Refused;

/** Looks before anything is touched: agent reachable, the former version live as recorded, dependencies answering. */
export async function preflight(deps: RolloutDeps, change: Change): Promise<Done> {
  const problems: string[] = [];
  const seen = await deps.deployer.observe(targetOf(change));
  if (!seen.ok) return refusedBy(seen.error);
  if (change.control !== null) {
    const live = seen.value.versions.find(({ version }) => version === change.control);
    if (live?.state !== "ready")
      problems.push(
        `${change.service}@${change.control} is recorded as live but is ${live?.state ?? "absent"} at the target`,
      );
    else if (live.percent !== 100)
      problems.push(`${change.service}@${change.control} has ${live.percent} % of the traffic, not all of it`);
  }
  const routing = seen.value.routing;
  if (routing !== undefined) {
    const percents = change.stages.map(({ percent }) => percent);
    problems.push(...trafficRefusals(routing.can, { percents, sticky: false, cohorts: false }));
  }
  for (const dependency of change.dependencies) {
    const there = await deps.deployer.observe({ environment: change.environment, service: dependency });
    if (!there.ok) problems.push(`${dependency}: ${there.error.message}`);
    else if (!there.value.versions.some(({ state }) => state === "ready"))
      problems.push(`${dependency} has no ready version`);
  }
  const count = 1 + change.dependencies.length;
  const checked = `${count} ${count === 1 ? "target" : "targets"} looked at`;
  if (problems.length === 0) {
    await write(deps, change, {
      step: "preflight",
      name: "preflight",
      phase: "done",
      sentence: `Preflight passed: ${checked}.`,
    });
    return { done: true };
  }
  const sentence = `Preflight failed, nothing was touched: ${problems.join("; ")}.`;
  await write(deps, change, { step: "preflight", name: "preflight", phase: "failed", sentence, detail: { problems } });
  return { done: false, code: "preflight-failed", sentence };
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
    sentence: `${change.service}@${version} runs beside ${change.control ?? "nothing"} with 0 % of the traffic.`,
    detail: { digest },
  });
  return { done: true };
}

/** Business checks before users see it: exposure is zero. */
export async function smoke(deps: RolloutDeps, change: Change): Promise<Done> {
  const answer = await deps.deployer.smoke({ ...targetOf(change), version: change.version });
  if (!answer.ok) return refusedBy(answer.error);
  const failed = answer.value.filter(({ passed }) => !passed);
  const checks = answer.value;
  if (failed.length === 0 && checks.length > 0) {
    const names = checks.map(({ name }) => name).join(", ");
    await write(deps, change, {
      step: "smoke",
      name: "smoke test",
      phase: "done",
      sentence: `Smoke test passed: ${names}.`,
      detail: { checks },
    });
    return { done: true };
  }
  const why = failed.map(({ name, detail }) => `${name} (${detail})`).join("; ");
  const sentence =
    checks.length === 0
      ? "The version has no smoke checks, and no evidence is not health."
      : `Smoke test failed before any user saw it: ${why}.`;
  await write(deps, change, { step: "smoke", name: "smoke test", phase: "failed", sentence, detail: { checks } });
  return { done: false, code: "smoke-failed", sentence };
}
