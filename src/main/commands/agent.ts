import { once } from "node:events";
import { runAgent } from "#agent/agent.ts";
import { readAgentSettings } from "#agent/settings.ts";
import type { AddCommand } from "#cli/command.ts";

export const agent: AddCommand = (program, io) => {
  program
    .command("agent")
    .description("Run the agent at the targets: service processes, weighted proxy, ledger of effects")
    .requiredOption("--config <file>", "its configuration (docs/operations/agent.md)")
    .action(async (flags: { readonly config: string }) => {
      const running = await runAgent(readAgentSettings(flags.config));
      io.say(`The agent listens on ${running.url}`);
      await Promise.race([once(process, "SIGTERM"), once(io.interrupted, "abort")]);
      await running.stop();
    });
};
