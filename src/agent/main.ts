import { parseArgs } from "node:util";
import { runAgent } from "#agent/agent.ts";
import { readAgentSettings } from "#agent/settings.ts";

const { values } = parseArgs({ options: { config: { type: "string" } } });
if (values.config === undefined) {
  process.stderr.write("usage: node src/agent/main.ts --config FILE\n");
  process.exit(2);
}
try {
  const agent = await runAgent(readAgentSettings(values.config));
  process.stdout.write(`agent listens on ${agent.url}\n`);
  const stop = () => {
    void agent.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  process.stderr.write(`The agent cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
