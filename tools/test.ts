import { globSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { alone, drain, planOf, type Job } from "./lanes.ts";
import { prepareMachine } from "./machine.ts";
import { endJobs, runJob, type Counts } from "./test-job.ts";

/**
 * Runs every test, two files side by side and then those that have to be alone, and prints one closing line.
 * `npm test -- NAME…` runs the files whose path contains one of the names.
 */
const root = path.resolve(import.meta.dirname, "..");
const output = path.join(root, "test-output");
/** Several times what the longest file takes; a file that needs more hangs. */
const limitMs = 30 * 60_000;
/** All faults with the long ones, one after the other. */
const limitOfAllFaultsMs = 90 * 60_000;

function wantedFiles(): readonly string[] {
  const all = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts", "examples/**/*.test.ts"], {
    cwd: root,
  }).sort();
  const lost = alone.filter((file) => !all.includes(file));
  if (lost.length > 0) throw new Error(`tools/lanes.ts names files that are not there: ${lost.join(", ")}`);
  const asked = process.argv.slice(2);
  return asked.length === 0 ? all : all.filter((file) => asked.some((name) => file.includes(name)));
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failed: string[] = [];

async function work(job: Job, lane: number | null): Promise<void> {
  const isAllFaults = process.env["TIDEGATE_FAULTS"] === "all";
  const report = await runJob(job, { root, output, lane, limitMs: isAllFaults ? limitOfAllFaultsMs : limitMs });
  total.passed += report.passed;
  total.failed += report.failed;
  total.skipped += report.skipped;
  if (report.failed > 0) failed.push(job.title);
  const sign = report.failed === 0 ? "──" : "── FAILED";
  console.log(`\n${sign} ${job.title} (${report.seconds.toFixed(0)} s) ──\n${report.text.trimEnd()}`);
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => {
    endJobs();
    process.exit(1);
  });
}
// Every commit meets the faults that are chosen for it; whoever asks for them by name meets all but the long ones.
if (process.argv.length === 2) process.env["TIDEGATE_FAULTS"] ??= "commit";
// The command that starts this has built them.
process.env["TIDEGATE_PAGES"] = "built";
// Hundreds of processes start from the same sources.
process.env["NODE_COMPILE_CACHE"] ??= path.join(output, "compiled");
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const line of prepareMachine()) console.log(line);
const plan = planOf(wantedFiles());
await drain(plan.lanes, work);
for (const job of plan.alone) await work(job, null);
if (failed.length > 0) console.log(`\nfailed:\n  ${failed.join("\n  ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
