import type { ActAnswer } from "#core/plan/act-request.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";

/** Starts a version and sees at the target that it runs: what it says in its answer is not taken for the truth. */
export async function startVersion(deps: ActDeps, act: ActOf<"start-version">): Promise<ActAnswer> {
  const { key, fence, request } = act;
  const { environment, service, version, digest } = request;
  const started = await deps.deployer.startVersion({ environment, service, version, digest }, { key, fence });
  if (!started.ok) return failedBy(started.error);
  if (started.value.version !== version || started.value.digest !== digest) {
    return answered("failed", `The target answered for ${started.value.version}, which was not asked for.`);
  }
  if (started.value.state !== "ready") {
    const { state, reason } = started.value;
    return answered("failed", `${service}@${version} is ${state}: ${reason ?? "it did not become ready."}`);
  }
  const seen = await deps.deployer.observe({ environment, service });
  if (!seen.ok) return failedBy(seen.error);
  const there = seen.value.versions.find((each) => each.version === version);
  if (there?.state === "ready" && there.digest === digest) {
    return answered("done", `${service}@${version} runs in ${environment} with ${there.percent} % of the traffic.`);
  }
  const shown = there === undefined ? "no such version" : `${there.state} with ${there.digest}`;
  return answered("failed", `The target says that it started ${service}@${version}, and shows ${shown}.`);
}

/** Ends a version without traffic, and sees at the target that it is gone. What was never started needs no end. */
export async function stopVersion(deps: ActDeps, act: ActOf<"stop-version">): Promise<ActAnswer> {
  const { key, fence, request } = act;
  const { environment, service, version } = request;
  const stopped = await deps.deployer.stopVersion({ environment, service, version }, { key, fence });
  if (!stopped.ok && stopped.error.code !== "unknown-version") return failedBy(stopped.error);
  const seen = await deps.deployer.observe({ environment, service });
  if (!seen.ok) return failedBy(seen.error);
  const there = seen.value.versions.find((each) => each.version === version);
  if (there === undefined || there.state === "stopped" || there.state === "failed") {
    return answered("done", `${service}@${version} does not run in ${environment}.`);
  }
  return answered("failed", `The target says that it stopped ${service}@${version}, and shows it ${there.state}.`);
}
