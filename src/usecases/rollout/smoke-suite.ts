import type { SmokeCheck } from "#connectors/port.ts";
import { refusedBy, targetOf, write, type Change, type RolloutDeps } from "#usecases/rollout/change.ts";
import type { Done } from "#usecases/rollout/prepare.ts";

/** That a version runs, and is the one that was asked for; every other check is about what it is for. */
const livenessChecks: readonly string[] = ["liveness", "identity"];

/** What a suite came to. */
export interface SuiteResult {
  readonly passed: boolean;
  readonly sentence: string;
  /** Not ready for what may come, although it passes; null: nothing to warn of. */
  readonly warning: string | null;
}

/**
 * Judges a suite: every check passes, and so do those that the criteria name, which must have been run. No checks are no
 * evidence. With checks of liveness alone nobody knows whether the version does its business: that is a warning.
 */
export function judgeSuite(checks: readonly SmokeCheck[], needed: readonly string[]): SuiteResult {
  const failed = checks.filter(({ passed }) => !passed).map(({ name, detail }) => `${name} (${detail})`);
  const missing = needed.filter((name) => !checks.some((check) => check.name === name));
  const faults = [
    ...failed,
    ...missing.map((name) => `${name} (it was not run: the catalogue of the agent has no such check)`),
  ];
  const warning = checks.every(({ name }) => livenessChecks.includes(name))
    ? "Readiness warning: the suite asks only whether the version is alive. Add a check of an outcome to the catalogue of the agent, and name it in Criteria."
    : null;
  if (checks.length === 0) {
    const sentence = "The version has no smoke checks, and no evidence is not health.";
    return { passed: false, sentence, warning: null };
  }
  if (faults.length > 0) {
    return { passed: false, sentence: `Smoke test failed before any user saw it: ${faults.join("; ")}.`, warning };
  }
  return { passed: true, sentence: `Smoke test passed: ${checks.map(({ name }) => name).join(", ")}.`, warning };
}

/** Starts by itself as soon as the version is ready, while exposure is zero; its result is kept with the run. */
export async function smoke(deps: RolloutDeps, change: Change): Promise<Done> {
  const name = "smoke test";
  const needed = change.checks ?? [];
  const answer = await deps.deployer.smoke({ ...targetOf(change), version: change.version });
  if (!answer.ok) return refusedBy(answer.error);
  const checks = answer.value;
  const { passed, sentence, warning } = judgeSuite(checks, needed);
  if (warning !== null) {
    await write(deps, change, { step: "smoke", name: "readiness", phase: "info", sentence: warning });
  }
  const phase = passed ? "done" : "failed";
  await write(deps, change, { step: "smoke", name, phase, sentence, detail: { checks, needed, warning } });
  return passed ? { done: true } : { done: false, code: "smoke-failed", sentence };
}
