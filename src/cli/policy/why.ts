import { connect, answered } from "#cli/io.ts";
import { exitOfVerdict } from "#cli/exit.ts";
import { renderObject } from "#cli/output.ts";
import { showVerdict, type WireVerdict } from "#cli/policy/show-verdict.ts";
import { whyFromFolder } from "#cli/policy/why-offline.ts";
import type { AddCommand } from "#cli/command.ts";
import { parseSubject } from "#cli/subject.ts";
import { parseAt } from "#cli/time.ts";

interface Flags {
  readonly to: string;
  readonly at?: string;
  readonly from?: string;
}

export const why: AddCommand = (program, io) => {
  program
    .command("why <service@version>")
    .description("Whether and when a version may go to an environment, with every reason")
    .requiredOption("--to <environment>", "where to")
    .option("--at <time>", "as of 2026-11-24T22:00[Europe/Berlin] or an instant with offset; now if absent")
    .option("--from <dir>", "judge the configuration in a folder, without a server")
    .action(async (text: string, flags: Flags) => {
      const subject = { ...parseSubject(text), environment: flags.to, action: "deploy" as const };
      const at = flags.at === undefined ? null : parseAt(flags.at, io);
      let answer: WireVerdict;
      if (flags.from !== undefined) answer = await whyFromFolder(flags.from, subject, at);
      else {
        const body = at === null ? subject : { ...subject, at: at.toString() };
        answer = answered(await connect(io).askVerdict({ body })).body;
      }
      io.write(renderObject(io.format(), answer, () => showVerdict(answer), answer.verdict));
      io.setExit(exitOfVerdict(answer.verdict));
    });
};
