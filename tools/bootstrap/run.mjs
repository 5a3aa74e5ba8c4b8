// Runs under whatever Node (20 or newer) started the command, so plain JavaScript and nothing but Node itself.
// Installs what the lock file names, builds the pages when they are stale, and hands over to the pinned Node 26.
import { spawn } from "node:child_process";
import process from "node:process";
import { ensureInstalled, ensureWebBuilt, pinnedNode, root } from "./setup.mjs";

const scripts = {
  start: "tools/start.ts",
  test: "tools/test.ts",
  check: "tools/check.ts",
  bench: "tools/bench.ts",
  sim: "sim/main.ts",
};
const needsPages = new Set(["start", "test"]);

const [command, ...args] = process.argv.slice(2);
const script = scripts[command];
if (script === undefined) {
  console.error(`There is no command "${command ?? ""}". Known: ${Object.keys(scripts).join(", ")}.`);
  process.exit(2);
}

try {
  ensureInstalled();
  const node = pinnedNode();
  if (needsPages.has(command)) ensureWebBuilt(node);
  handOver(node, script, args);
} catch (error) {
  console.error(`tidegate: ${error.message}`);
  process.exit(1);
}

function handOver(node, file, rest) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", file, ...rest], { cwd: root, stdio: "inherit" });
  // The terminal sends Ctrl-C to both; a supervisor sends its signal to us alone.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
