import path from "node:path";
import { runDemo } from "#main/demo/demo.ts";
import { issueTokenCommand } from "#main/host-commands.ts";
import { startServer } from "#main/server.ts";
import { defaultStateDir, serverSettings } from "#main/settings.ts";

/** `npm start`: the demonstration; `npm start -- --empty`: the bare server. Both stay up until they are interrupted. */
const isEmpty = process.argv.includes("--empty");
// The bare server keeps its state where `tidegate up` and `issue-token` look for it; the demonstration apart from it.
const ownDir = defaultStateDir(process.env);
const stateDir = process.env["TIDEGATE_STATE_DIR"] ?? (isEmpty ? ownDir : path.join(ownDir, "demo"));
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
  const settings = serverSettings({ stateDir }, process.env);
  const server = await startServer(settings);
  process.stdout.write(`Tidegate listens on ${server.url ?? "nothing"}\n`);
  process.stdout.write(`A token: ${await issueTokenCommand(server.database.pool, settings)}\n`);
  await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
  await server.stop();
}
