import { runCommandLine } from "#cli/program.ts";
import { agent } from "#main/commands/agent.ts";
import { hostToken } from "#main/commands/host-token.ts";
import { restoreTestCommand } from "#main/commands/restore-test.ts";
import { up } from "#main/commands/up.ts";
import { productVersion } from "#main/bind-api.ts";

/** The executable. Exit codes are those of `src/cli/exit.ts`; an interrupted command ends with 130. */
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

const code = await runCommandLine(
  {
    version: productVersion(),
    env: process.env,
    write: (data) => process.stdout.write(data),
    say: (talk) => process.stderr.write(`${talk}\n`),
    interrupted: interrupted.signal,
    local: [up, agent, restoreTestCommand, hostToken],
  },
  process.argv.slice(2),
);

// Timers of waits that were handed over may still be open; what was written must be out before the end.
process.stdout.write("", () => process.exit(code));
