import { measureEngine } from "./execution/engine.ts";
import { measureRollouts } from "./execution/rollouts.ts";
import { measureWaitingRuns } from "./execution/waiting-runs.ts";
import { measureWoken } from "./execution/woken.ts";

/**
 * Runs and rollouts with durable commits and the audit on. TIDEGATE_BENCH_PART: `engine`, `runs`, `woken` or `rollouts`; all of
 * them when left out.
 */
const parts = {
  engine: measureEngine,
  runs: measureWaitingRuns,
  woken: measureWoken,
  rollouts: measureRollouts,
} as const;
const asked = process.env["TIDEGATE_BENCH_PART"];
for (const [name, measure] of Object.entries(parts)) if (asked === undefined || asked === name) await measure();
