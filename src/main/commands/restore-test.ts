import { restoreTest } from "#agent/restore-test.ts";
import { readAgentSettings } from "#agent/settings.ts";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";

interface Flags {
  readonly config: string;
  readonly service?: string;
  readonly environment?: string;
  readonly source: string;
}

/**
 * At a target: by hand, from a timer, or as a command of the agent that runbooks run. Ends with 1 when the restored data
 * is not what was saved; the report is made all the same.
 */
export const restoreTestCommand: AddCommand = (program, io) => {
  program
    .command("restore-test <database>")
    .description("At a target: save a database, restore it into a scratch database, measure it and compare the rows")
    .requiredOption("--config <file>", "the agent's configuration; its database names the scratch database")
    .option("--service <name>", "report what came of it for this service; nothing is reported when left out")
    .option("--environment <name>", "and this environment")
    .option("--source <name>", "under this name", "restore-test")
    .action(async (database: string, { config, service, environment, source }: Flags) => {
      if ((service === undefined) !== (environment === undefined))
        throw usage("--service and --environment go together.");
      const done = await restoreTest(readAgentSettings(config), database);
      if (!done.ok) throw usage(done.error);
      const { protocol, digest, file } = done.value;
      const { outcome, detail, restoreSeconds, savedAt, bytes } = protocol;
      const took = restoreSeconds === null ? "" : ` in ${restoreSeconds.toFixed(1)} s`;
      io.write(`${database}: ${outcome}${took}; ${detail}\n${digest} ${file}\n`);
      if (outcome !== "done") io.setExit(exitCodes.error);
      if (service === undefined || environment === undefined) return;
      const about = { service, environment, source, outcome, tookSeconds: restoreSeconds, savedAt, bytes, digest };
      const body = { ...about, detail: detail.slice(0, longestDetail), ref: file };
      const { id } = answered(await connect(io).reportRestore({ body })).body;
      io.say(`Reported as ${id}.`);
    });
};

const longestDetail = 500;
