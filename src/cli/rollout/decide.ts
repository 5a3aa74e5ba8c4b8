import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { showDeployment } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";

interface Flags {
  readonly goOn?: boolean;
  readonly goBack?: boolean;
  readonly reason: string;
}

export const decide: AddCommand = (program, io) => {
  program
    .command("decide <id>")
    .description("Let a run that holds its position for want of evidence go on, or take it back")
    .option("--go-on", "on to the next share, on your responsibility")
    .option("--go-back", "back to the former version")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, flags: Flags) => {
      if ((flags.goOn === true) === (flags.goBack === true)) throw usage("Say either --go-on or --go-back.");
      const decision = flags.goOn === true ? ("go-on" as const) : ("go-back" as const);
      const body = { decision, reason: flags.reason };
      const after = answered(await connect(io).decideHeld({ params: { id }, body })).body;
      io.write(renderObject(io.format(), after, () => showDeployment(after), after.id));
    });
};
