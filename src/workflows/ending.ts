import type { Records } from "#usecases/records.ts";
import { wayIn, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import { leaveRunning, recordEnd, stopVersion, type Ending } from "#usecases/rollout/finish.ts";
import { returnTraffic, verifyFormer } from "#usecases/rollout/go-back.ts";
import { raiseFormer } from "#usecases/rollout/in-place.ts";
import type { Done } from "#usecases/rollout/prepare.ts";
import type { Flow, RetryPolicy } from "#workflows/flow.ts";

/** Where a breach came up and what it was: a value, so that going back is never delayed by repetitions. */
export interface Breach {
  readonly because: "worse" | "abort";
  readonly why: string;
  /** Whoever decides has been asked: this is the answer, or the default of the plan. */
  readonly isDecided?: true;
}

/** Going back must not give up while there is hope: 40 attempts within about 15 minutes. */
export const stubborn: RetryPolicy = { maxAttempts: 40, firstDelayMs: 250, backoff: 1.4 };

/** Longer than a slow restart of the agent, shorter than others should wait for the lock: ten attempts in 40 s. */
export const patient: RetryPolicy = { maxAttempts: 10, firstDelayMs: 250, backoff: 1.7 };

/**
 * Stops a version that has no traffic. One that cannot be stopped harms no user, so it neither ends the run without an
 * outcome nor takes a release back: the run comes to its end, and the version is stopped later.
 */
export async function stopIdle(deps: RolloutDeps, flow: Flow<Records>, change: Change, version: string): Promise<void> {
  try {
    await flow.step(`stop ${version}`, (key) => stopVersion(deps, change, version, key), patient);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await flow.tx(`leave ${version}`, (records) => leaveRunning(records, change, version, why, deps.now()));
  }
}

/** Traffic back to the former version, seen live at the target, and the record: the end of everything that went wrong. */
export async function endBack(deps: RolloutDeps, flow: Flow<Records>, change: Change, breach: Breach): Promise<string> {
  try {
    const raised = await raise(deps, flow, change);
    const returned = raised.done
      ? await flow.step("roll back", (key) => returnTraffic(deps, change, breach.why, key), stubborn)
      : raised;
    const verified = returned.done
      ? await flow.step("verify former version", () => verifyFormer(deps, change), stubborn)
      : returned;
    if (!verified.done)
      return await end(deps, flow, change, {
        event: { kind: "lost-sight" },
        outcome: `${breach.why} ${verified.sentence}`,
      });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return await end(deps, flow, change, {
      event: { kind: "lost-sight" },
      outcome: `${breach.why} Going back could not be verified: ${why}`,
    });
  }
  await stopIdle(deps, flow, change, change.version);
  const outcome = `${breach.why} ${change.service}@${change.control ?? ""} is verified live at the target.`;
  return await end(deps, flow, change, { event: { kind: "went-back", because: breach.because }, outcome });
}

/** Only where the run itself has stopped the former version is there something to start again. */
async function raise(deps: RolloutDeps, flow: Flow<Records>, change: Change): Promise<Done> {
  if (wayIn(change).method !== "stop-start") return { done: true };
  return await flow.step("start former version", (key) => raiseFormer(deps, change, key), stubborn);
}

export async function end(deps: RolloutDeps, flow: Flow<Records>, change: Change, ending: Ending): Promise<string> {
  await flow.tx("record the end", (records) => recordEnd(deps, records, change, ending));
  return ending.event.kind;
}
