import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { showDeployment } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";

export const abort: AddCommand = (program, io) => {
  program
    .command("abort <id>")
    .description("Stop it: waiting work is cancelled, running work goes back to the former version")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, flags: { readonly reason: string }) => {
      const after = answered(
        await connect(io).abortDeployment({ params: { id }, body: { reason: flags.reason } }),
      ).body;
      io.write(renderObject(io.format(), after, () => showDeployment(after), after.id));
    });
};
