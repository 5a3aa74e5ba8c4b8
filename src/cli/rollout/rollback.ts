import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { exitOfDeployment } from "#cli/release/deploy.ts";
import { follow } from "#cli/release/follow.ts";
import { showDeployment } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";

export const rollback: AddCommand = (program, io) => {
  program
    .command("rollback <id>")
    .description("Deploy the version that was live before a finished deployment")
    .requiredOption("--reason <text>", "why")
    .option("-w, --watch", "follow it to its end")
    .action(async (id: string, flags: { readonly reason: string; readonly watch?: boolean }) => {
      const requested = answered(
        await connect(io).rollBackDeployment({ params: { id }, body: { reason: flags.reason } }),
      ).body;
      const last = flags.watch === true ? await follow(io, requested) : requested;
      if (flags.watch !== true || io.format() !== "table")
        io.write(renderObject(io.format(), last, () => showDeployment(last), last.id));
      io.setExit(exitOfDeployment(last));
    });
};
