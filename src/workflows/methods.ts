import { wayIn, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import { sayDowntime, stopFormer } from "#usecases/rollout/in-place.ts";
import { preflight, startVersion } from "#usecases/rollout/prepare.ts";
import { proveControls } from "#usecases/rollout/prove-controls.ts";
import { smoke } from "#usecases/rollout/smoke-suite.ts";
import { keepSessions, letSessionsBeKnown, releaseFormer, sayCutOver } from "#usecases/rollout/sessions.ts";
import type { Records } from "#usecases/records.ts";
import { patient, stopIdle, stubborn, type Breach } from "#workflows/ending.ts";
import { holdAt } from "#workflows/holding.ts";
import type { Flow } from "#workflows/flow.ts";

/** What a method does beside the stages that all have; a canary does none of it, so its steps are as they always were. */
type Beside<T> = (deps: RolloutDeps, flow: Flow<Records>, change: Change) => Promise<T>;

const failed = (why: string): Breach => ({ because: "worse", why });

/** Nothing of this reaches a user: the new version has no traffic yet, and of a stop-start not even a process. */
export const prepare: Beside<Breach | null> = async (deps, flow, change) => {
  const looked = await flow.step("preflight", () => preflight(deps, change), patient);
  if (!looked.done) return failed(looked.sentence);
  return wayIn(change).method === "stop-start" ? null : await startBeside(deps, flow, change);
};

const startBeside: Beside<Breach | null> = async (deps, flow, change) => {
  const kept = await keepUsers(deps, flow, change);
  if (kept.breach !== null) return kept.breach;
  const ready = await startAndSmoke(deps, flow, change);
  if (ready !== null || kept.knownFrom === null) return ready;
  const { knownFrom } = kept;
  return await flow.step("let sessions be known", () => letSessionsBeKnown(deps, change, knownFrom), stubborn);
};

const startAndSmoke: Beside<Breach | null> = async (deps, flow, change) => {
  const started = await flow.step("start version", (key) => startVersion(deps, change, key), patient);
  if (!started.done) return failed(started.sentence);
  const look = async () => proveControls(deps, change, "prepared", await smoke(deps, change));
  const checked = await flow.step("smoke test", look, patient);
  if (!checked.done) return failed(checked.sentence);
  if (checked.hold === undefined) return null;
  // While users are without the service nobody waits for a person.
  return wayIn(change).method === "stop-start"
    ? failed(checked.hold)
    : await holdAt(deps, flow, change, 0, checked.hold);
};

interface KeptUsers {
  readonly breach: Breach | null;
  readonly knownFrom: number | null;
}

const keepUsers: Beside<KeptUsers> = async (deps, flow, change) => {
  const { control } = change;
  const { sessions } = wayIn(change);
  if (control === null || sessions === null) return { breach: null, knownFrom: null };
  const keep = (key: string) => keepSessions(deps, { ...change, control }, sessions, key);
  const kept = await flow.step("keep sessions", keep, patient);
  return kept.done ? { breach: null, knownFrom: kept.knownFrom } : { breach: failed(kept.sentence), knownFrom: null };
};

/** When users lost the service, and the second before. */
interface Down {
  readonly downSince: string;
  readonly second: number;
}

/** The old version ends and the new one starts in its place; null: the method has both at a time, or there is no old one. */
export const swapInPlace: Beside<{ readonly breach: Breach | null; readonly down: Down | null }> = async (
  deps,
  flow,
  change,
) => {
  const { control } = change;
  if (wayIn(change).method !== "stop-start") return { breach: null, down: null };
  if (control === null) return { breach: await startAndSmoke(deps, flow, change), down: null };
  const stop = (key: string) => stopFormer(deps, { ...change, control }, key);
  const stopped = await flow.step("stop former version", stop, patient);
  if (!stopped.done) return { breach: failed(stopped.sentence), down: null };
  const { downSince, second } = stopped;
  return { breach: await startAndSmoke(deps, flow, change), down: { downSince, second } };
};

/** After the new version has its share: what users felt, and what is kept for them. */
export async function sayShift(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  { down, upAt, percent }: { readonly down: Down | null; readonly upAt: string | undefined; readonly percent: number },
): Promise<void> {
  const { control } = change;
  const { method } = wayIn(change);
  if (down !== null && upAt !== undefined) {
    await flow.step("say the downtime", () => sayDowntime(deps, change, down.downSince, upAt), patient);
  }
  if (method === "blue-green" && control !== null && percent === 100) {
    await flow.step("say the cut-over", () => sayCutOver(deps, { ...change, control }), patient);
  }
}

/** What becomes of the former version when the new one is live; a breach when somebody aborts meanwhile. */
export async function letGoOfFormer(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  cutOver: number | null,
): Promise<Breach | null> {
  const { control } = change;
  const { method, sessions } = wayIn(change);
  if (control === null || method === "stop-start") return null;
  if (sessions === null || cutOver === null) {
    await stopIdle(deps, flow, change, control);
    return null;
  }
  const release = (key: string) => releaseFormer(deps, { ...change, control }, { cutOver, sessions }, key);
  try {
    const released = await flow.step("release former version", release, stubborn);
    return released.kind === "aborted" ? { because: "abort", why: `${released.by} aborted the deployment.` } : null;
  } catch {
    // The release is live all the same; the record says that the former version is still there.
    await stopIdle(deps, flow, change, control);
    return null;
  }
}
