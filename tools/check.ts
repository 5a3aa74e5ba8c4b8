import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";

/** Everything that needs neither a database nor a second process: format, lint, types, unit and shape tests, generated files. */
interface Task {
  readonly name: string;
  readonly command: readonly string[];
}

const root = path.resolve(import.meta.dirname, "..");
const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
const bin = (name: string): string => path.join(root, "node_modules", ".bin", name);

/** Beginnings of paths, and what their tests are called; the first that fits counts. */
const groups = [
  [["src/core/calendar/", "test/data/"], "tests of time"],
  [["src/core/"], "tests of the core"],
  [["src/config/", "test/config/"], "tests of the configuration"],
  [["src/api/", "test/api/", "src/contract/", "test/security/"], "tests of the interface"],
  [["src/cli/", "test/cli/", "src/web/"], "tests of command line and pages"],
] as const;

/** One process each, side by side: what one leaves on the heap would slow the others down. */
function groupsOf(unit: readonly string[]): readonly (readonly [name: string, files: readonly string[]])[] {
  const named = Map.groupBy(unit, (file) => {
    const place = file.split(path.sep).join("/");
    return (
      groups.find(([starts]) => starts.some((start) => place.startsWith(start)))?.[1] ?? "other unit and shape tests"
    );
  });
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function tasks(): readonly Task[] {
  const unit = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"], { cwd: root }).filter(
    (file) => !/\.(db|e2e)\.test\.ts$/.test(file),
  );
  if (unit.length === 0) throw new Error("found no unit tests: a check that looks at nothing is a failure");
  const generators = globSync("tools/generate-*.ts", { cwd: root }).sort();
  return [
    ...groupsOf(unit).map(([name, files]) => ({
      name,
      command: [...node, "--test", "--test-isolation=none", "--test-reporter=dot", ...files],
    })),
    { name: "lint", command: [bin("oxlint"), "--type-aware", "--deny-warnings"] },
    { name: "types of core", command: [bin("tsc"), "-p", "tsconfig.core.json"] },
    { name: "types of server, tests and tools", command: [bin("tsc"), "-p", "tsconfig.node.json"] },
    { name: "types of pages", command: [bin("tsc"), "-p", "tsconfig.web.json"] },
    { name: "types of tests of pages", command: [bin("tsc"), "-p", "tsconfig.web-tests.json"] },
    { name: "format", command: [bin("oxfmt"), "--check"] },
    { name: "unused files, exports and packages", command: [bin("knip"), "--no-progress"] },
    ...generators.map((file) => ({ name: `${path.basename(file)} is fresh`, command: [...node, file, "--check"] })),
  ];
}

interface Outcome {
  readonly task: Task;
  readonly code: number;
  readonly seconds: number;
  readonly output: string;
}

async function run(task: Task): Promise<Outcome> {
  const startedAt = performance.now();
  const [program, ...args] = task.command;
  const child = spawn(program ?? "", args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output += error.message;
      resolve(1);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
  return { task, code, seconds: (performance.now() - startedAt) / 1000, output };
}

async function worker(queue: Task[], failed: Outcome[]): Promise<void> {
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    const outcome = await run(task);
    console.log(
      `${outcome.code === 0 ? "ok    " : "FAILED"} ${outcome.seconds.toFixed(1).padStart(5)} s  ${task.name}`,
    );
    if (outcome.code !== 0) failed.push(outcome);
  }
}

const queue = [...tasks()];
const failed: Outcome[] = [];
await Promise.all(Array.from({ length: availableParallelism() }, () => worker(queue, failed)));
for (const { task, output } of failed) console.error(`\n── ${task.name} ──\n${output.slice(-8000)}`);
process.exit(failed.length === 0 ? 0 : 1);
