import path from "node:path";
import { createLog } from "#runtime/log.ts";
import { runDemo } from "#main/demo/demo.ts";
import { startServer } from "#main/server.ts";
import { defaultStateDir, serverSettings } from "#main/settings.ts";

/** `npm start`: the demonstration; `npm start -- --empty`: the bare server. Both stay up until they are interrupted. */
const isEmpty = process.argv.includes("--empty");
const stateDir =
  process.env["TIDEGATE_STATE_DIR"] ?? path.join(defaultStateDir(process.env), isEmpty ? "main" : "demo");
const stop = new AbortController();
// Ctrl-C arrives twice, from the terminal and from the bootstrap: the second must not cut the shutdown short.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

try {
  if (isEmpty) await runEmpty();
  else
    await runDemo({
      stateDir,
      env: process.env,
      say: (line) => process.stdout.write(`${line}\n`),
      signal: stop.signal,
    });
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`tidegate: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
// Timers of waits that were handed over may still be open.
process.exit(0);

async function runEmpty(): Promise<void> {
  const server = await startServer(serverSettings({ stateDir }, process.env));
  createLog({ level: "info" }).info(
    { url: server.url },
    "Tidegate listens; issue a first token with: tidegate issue-token --account bootstrap",
  );
  await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
  await server.stop();
}
