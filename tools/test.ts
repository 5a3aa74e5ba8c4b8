import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { prepareMachine } from "./machine.ts";

/**
 * Runs every test in stages of rising cost and prints one closing line. `npm test -- NAME…` runs the files whose path
 * contains one of the names.
 */
interface Stage {
  readonly title: string;
  readonly files: readonly string[];
  readonly flags: readonly string[];
}

const root = path.resolve(import.meta.dirname, "..");
const output = path.join(root, "test-output");

function stages(): readonly Stage[] {
  const all = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts", "examples/**/*.test.ts"], {
    cwd: root,
  }).sort();
  const asked = process.argv.slice(2);
  const wanted = asked.length === 0 ? all : all.filter((file) => asked.some((name) => file.includes(name)));
  const kindOf = (file: string): string => /\.(db|e2e)\.test\.ts$/.exec(file)?.[1] ?? "unit";
  const of = (kind: string): readonly string[] => wanted.filter((file) => kindOf(file) === kind);
  return [
    { title: "pure", files: of("unit"), flags: ["--test-isolation=none"] },
    { title: "with PostgreSQL", files: of("db"), flags: ["--test-concurrency=2"] },
    // Real processes share two cores: one file at a time, so that waits measure the product and not the queue.
    { title: "with real processes", files: of("e2e"), flags: ["--test-concurrency=1"] },
  ];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

function run(stage: Stage): Counts {
  const counted = path.join(output, `counts-${stage.title.replaceAll(" ", "-")}.jsonl`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  const counter = [
    `--test-reporter=${path.join(root, "tools/count-reporter.ts")}`,
    `--test-reporter-destination=${counted}`,
  ];
  const node = [
    "--disable-warning=ExperimentalWarning",
    "--test",
    ...stage.flags,
    ...reporters,
    ...counter,
    ...stage.files,
  ];
  const result = spawnSync(process.execPath, node, { cwd: root, stdio: "inherit" });
  const counts = readCounts(counted);
  // A runner that died without a failed test is a failure all the same.
  if (result.status !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1;
  return counts;
}

function readCounts(file: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "passed" || line === "failed" || line === "skipped") counts[line]++;
  }
  return counts;
}

// Every commit meets the faults that are chosen for it; whoever asks for them by name meets all but the long ones.
if (process.argv.length === 2) process.env["TIDEGATE_FAULTS"] ??= "commit";
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const line of prepareMachine()) console.log(line);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const stage of stages()) {
  if (stage.files.length === 0) continue;
  console.log(`\n── ${stage.title}: ${stage.files.length} files ──`);
  const counts = run(stage);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
