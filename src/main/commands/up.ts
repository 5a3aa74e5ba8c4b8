import { once } from "node:events";
import type { AddCommand } from "#cli/command.ts";
import { issueTokenCommand } from "#main/host-commands.ts";
import { startServer } from "#main/server.ts";
import { serverRoles, serverSettings, type ServerFlags } from "#main/settings.ts";

export const up: AddCommand = (program, io) => {
  program
    .command("up")
    .description("Start the server: embedded PostgreSQL unless DATABASE_URL is set, interface and workers")
    .option("--role <role>", `${serverRoles.join(", ")} (TIDEGATE_ROLE)`)
    .option("--host <address>", "address to listen on; loopback unless said otherwise (TIDEGATE_HOST)")
    .option("--port <port>", "port of interface and pages (TIDEGATE_PORT)")
    .option("--state-dir <dir>", "folder of the embedded database (TIDEGATE_STATE_DIR)")
    .option("--agent <url>", "agent at the targets (TIDEGATE_AGENT)")
    .option("--agent-token-file <file>", "file with its token (TIDEGATE_AGENT_TOKEN_FILE)")
    .option("--public-url <url>", "address behind a proxy with TLS: https://… (TIDEGATE_PUBLIC_URL)")
    .option("--allow-host <host...>", "further Host names under which the server answers")
    .option("--settable-clock", "let people shift the domain clock: demonstrations and tests only")
    .option("--log-level <level>", "debug, info, warn, error or silent (TIDEGATE_LOG)")
    .action(async (flags: ServerFlags) => {
      const settings = serverSettings(flags, process.env);
      const server = await startServer(settings);
      io.say(server.url === null ? "The worker runs." : `Tidegate listens on ${server.url}`);
      if (server.url !== null) io.say(`A token: ${await issueTokenCommand(server.database.pool, settings)}`);
      const stopping = new AbortController();
      await Promise.race([
        once(process, "SIGTERM", { signal: stopping.signal }),
        once(io.interrupted, "abort", { signal: stopping.signal }),
      ]);
      stopping.abort();
      io.say("Stopping: no new work, steps under way end first.");
      await server.stop();
    });
};
