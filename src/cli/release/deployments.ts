import { answered, connect } from "#cli/io.ts";
import { renderList } from "#cli/output.ts";
import { deploymentColumns } from "#cli/release/show.ts";
import { usage } from "#cli/exit.ts";
import { deploymentState } from "#contract/release.ts";
import type { AddCommand } from "#cli/command.ts";
import { z } from "zod";

interface Flags {
  readonly environment?: string;
  readonly service?: string;
  readonly state?: string;
  readonly limit: string;
}

const states = z.union([deploymentState, z.literal("open"), z.literal("ended")]);

export const deployments: AddCommand = (program, io) => {
  program
    .command("deployments")
    .description("Deployments, newest first")
    .option("--environment <name>", "only there")
    .option("--service <name>", "only of this service")
    .option("--state <state>", "open, ended, or one state")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async (flags: Flags) => {
      const state = flags.state === undefined ? undefined : states.safeParse(flags.state);
      if (state?.success === false)
        throw usage(
          `There is no state "${flags.state ?? ""}". Known: open, ended, ${deploymentState.options.join(", ")}.`,
        );
      const query = {
        limit: flags.limit,
        ...(flags.environment === undefined ? {} : { environment: flags.environment }),
        ...(flags.service === undefined ? {} : { service: flags.service }),
        ...(state === undefined ? {} : { state: state.data }),
      };
      const { items, next } = answered(await connect(io).listDeployments({ query })).body;
      io.write(renderList(io.format(), items, deploymentColumns, ({ id }) => id));
      if (next !== null) io.say(`There are more; raise --limit or narrow the list.`);
    });
};
