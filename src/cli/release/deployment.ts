import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { exitOfDeployment } from "#cli/release/deploy.ts";
import { follow } from "#cli/release/follow.ts";
import { showDeployment } from "#cli/release/show.ts";
import { showVerdict } from "#cli/policy/show-verdict.ts";
import type { AddCommand } from "#cli/command.ts";

export const deployment: AddCommand = (program, io) => {
  program
    .command("deployment <id>")
    .description("One deployment: what it is doing, why, and its timeline")
    .option("-w, --watch", "follow it to its end")
    .action(async (id: string, flags: { readonly watch?: boolean }) => {
      const found = answered(await connect(io).getDeployment({ params: { id } })).body;
      const last = flags.watch === true ? await follow(io, found) : found;
      if (flags.watch !== true || io.format() !== "table") {
        const text = (): string => showDeployment(last) + (last.verdict === null ? "" : showVerdict(last.verdict));
        io.write(renderObject(io.format(), last, text, last.id));
      }
      if (flags.watch === true) io.setExit(exitOfDeployment(last));
    });
};
