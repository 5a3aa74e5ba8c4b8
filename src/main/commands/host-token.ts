import { usage } from "#cli/exit.ts";
import type { AddCommand } from "#cli/command.ts";
import { createLog } from "#runtime/log.ts";
import { newTokenFor } from "#main/issue-token.ts";
import { openDatabase } from "#main/database.ts";
import { databasesBelow, hasDatabase } from "#main/host-commands.ts";
import { serverSettings } from "#main/settings.ts";

interface Flags {
  readonly account: string;
  readonly label: string;
  readonly hours: string;
  readonly stateDir?: string;
}

/**
 * Tokens for the first day, and for whoever has no single sign-on: made on the host of the server by whoever may read
 * its database, and written into the audit record like everything else. It makes no database, and leaves one as it was
 * found: running or not.
 */
export const hostToken: AddCommand = (program, io) => {
  program
    .command("issue-token")
    .description("On the server's own host: a token for an account of the configuration, shown once")
    .requiredOption("--account <name>", "account of a person")
    .option("--label <text>", "what it is for", "issued on the host")
    .option("--hours <n>", "how long it lives", "720")
    .option("--state-dir <dir>", "folder of the embedded database (TIDEGATE_STATE_DIR)")
    .action(async (flags: Flags) => {
      const hours = Number(flags.hours);
      if (!Number.isInteger(hours) || hours < 1 || hours > 24 * 90)
        throw usage("--hours takes a whole number from 1 to 2160.");
      const settings = serverSettings(flags.stateDir === undefined ? {} : { stateDir: flags.stateDir }, process.env);
      if (!hasDatabase(settings)) throw usage(noDatabase(settings.stateDir));
      const database = await openDatabase({ ...settings, log: createLog({ level: "warn" }) });
      try {
        io.write(`${await newTokenFor(database.pool, { account: flags.account, label: flags.label, hours })}\n`);
      } finally {
        await database.close("as-found");
      }
    });
};

function noDatabase(stateDir: string): string {
  const others = databasesBelow(stateDir).map((folder) => `--state-dir ${folder}`);
  const found = others.length === 0 ? "" : ` There is one with ${others.join(", and one with ")}.`;
  return (
    `There is no database in ${stateDir}, and none is made here.${found} Name the folder that the server was started ` +
    "with (--state-dir or TIDEGATE_STATE_DIR); its first lines say the whole command."
  );
}
