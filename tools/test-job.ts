import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Job } from "./lanes.ts";

/** What became of the tests of a job, and what it said. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
export interface Report extends Counts {
  readonly text: string;
  readonly seconds: number;
}

export interface JobOptions {
  readonly root: string;
  /** An existing folder for what the job says and counts. */
  readonly output: string;
  /** A job that has not ended by then is ended and has failed. */
  readonly limitMs: number;
  /** Lane beside others, which keeps ports of its own; null: nothing runs beside it. */
  readonly lane: number | null;
}

/** Between being told to end, when a test may still tidy up, and being ended. */
const graceMs = 15_000;
const running = new Set<ChildProcess>();
let jobs = 0;

/** Runs the files of a job in one process. What it says goes to a file first, so that two jobs never speak at once. */
export async function runJob(job: Job, { root, output, limitMs, lane }: JobOptions): Promise<Report> {
  const startedAt = performance.now();
  const stem = path.join(output, `job-${(jobs += 1)}`);
  const said = openSync(`${stem}.log`, "a");
  const child = spawn(process.execPath, [...flagsOf(job, root, `${stem}.counts`), ...job.files], {
    cwd: root,
    stdio: ["ignore", said, said],
    // A group of its own, so that everything a hanging test has started ends with it.
    detached: true,
    env: environmentOf(lane),
  });
  closeSync(said);
  running.add(child);
  const ended = once(child, "exit").then(([code]) => code === 0);
  const isLate = await Promise.race([ended.then(() => false), delay(limitMs, true, { ref: false })]);
  if (isLate) await end(child, ended);
  const isWell = await ended;
  running.delete(child);
  const counts = readCounts(`${stem}.counts`);
  // A process that died without a failed test is a failure all the same, and so is one in which nothing was tested.
  if (!isWell && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1;
  const note = isLate ? `Ended, because it had not ended by itself after ${limitMs / 1000} s.\n` : "";
  const text = note + withoutSummary(readFileSync(`${stem}.log`, "utf8"));
  return { ...counts, text, seconds: (performance.now() - startedAt) / 1000 };
}

/** Without the mark of a test that is running: a job is a run of its own. */
function environmentOf(lane: number | null): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _outer, ...rest } = process.env;
  return lane === null ? rest : { ...rest, TIDEGATE_TEST_LANE: String(lane) };
}

function flagsOf({ files }: Job, root: string, counts: string): readonly string[] {
  const reporters = ["spec", path.join(root, "tools/count-reporter.ts")].map((name) => `--test-reporter=${name}`);
  const destinations = ["stdout", counts].map((name) => `--test-reporter-destination=${name}`);
  // One file is a program; only several need the runner.
  const runner = files.length === 1 ? [] : ["--test", "--test-isolation=none"];
  return ["--disable-warning=ExperimentalWarning", ...runner, ...reporters, ...destinations];
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // The group is gone already.
  }
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  signal(child, "SIGTERM");
  await Promise.race([ended, delay(graceMs, undefined, { ref: false })]);
  signal(child, "SIGKILL");
}

/** For whoever is told to end: the groups of the jobs get no signal of a terminal. */
export function endJobs(): void {
  for (const child of running) signal(child, "SIGTERM");
}

function readCounts(file: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of readFileSync(file, { encoding: "utf8", flag: "a+" }).split("\n"))
    if (line === "passed" || line === "failed" || line === "skipped") counts[line]++;
  return counts;
}

/** Every job ends with its own sum, which the closing line of the run replaces. */
function withoutSummary(text: string): string {
  return text.replaceAll(/^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+\n/gm, "");
}
