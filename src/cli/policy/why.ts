import { Option } from "commander";
import { connect, answered, type Io } from "#cli/io.ts";
import { exitOfVerdict, usage } from "#cli/exit.ts";
import { renderObject } from "#cli/output.ts";
import { showVerdict, type WireVerdict } from "#cli/policy/show-verdict.ts";
import { whyFromFolder } from "#cli/policy/why-offline.ts";
import type { AddCommand } from "#cli/command.ts";
import { parseSubject } from "#cli/subject.ts";
import { parseAt } from "#cli/time.ts";
import { changeActions, changeClasses, type ChangeAction, type ChangeClass } from "#core/catalog/scope.ts";

interface Flags {
  readonly to: string;
  readonly class: ChangeClass;
  readonly action: ChangeAction;
  readonly at?: string;
  readonly for?: string;
  readonly from?: string;
}

export const why: AddCommand = (program, io) => {
  program
    .command("why <service@version>")
    .description("Whether and when a version may go to an environment, with every reason")
    .requiredOption("--to <environment>", "where to")
    .addOption(new Option("--class <class>", "of the change").choices(changeClasses).default("normal"))
    .addOption(new Option("--action <action>", "what is meant to happen").choices(changeActions).default("deploy"))
    .option("--at <time>", "as of '2026-11-24T22:00[Europe/Berlin]' or an instant with offset; now if absent")
    .option("--for <deployment>", "on behalf of this deployment: its approvals, class, risk and agreed slot count")
    .option("--from <dir>", "judge the configuration in a folder, without a server")
    .action(async (text: string, flags: Flags) => {
      const subject = { ...parseSubject(text), environment: flags.to, action: flags.action, class: flags.class };
      const at = flags.at === undefined ? null : parseAt(flags.at, io);
      if (flags.from !== undefined && flags.for !== undefined)
        throw usage("--for names a deployment of a server, and a folder has none: leave out --for or --from.");
      const answer =
        flags.from === undefined
          ? await whyFromServer(io, subject, at, flags.for ?? null)
          : await whyFromFolder(flags.from, subject, at);
      io.write(renderObject(io.format(), answer, () => showVerdict(answer), answer.verdict));
      io.setExit(exitOfVerdict(answer.verdict));
    });
};

interface Subject {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly action: ChangeAction;
  readonly class: ChangeClass;
}

async function whyFromServer(
  io: Io,
  subject: Subject,
  at: Temporal.Instant | null,
  deployment: string | null,
): Promise<WireVerdict> {
  const body = {
    ...subject,
    ...(at === null ? {} : { at: at.toString() }),
    ...(deployment === null ? {} : { deployment }),
  };
  const answer = answered(await connect(io).askVerdict({ body })).body;
  if (deployment === null && (io.format() === "table" || io.format() === "wide")) await sayOpenOne(io, subject);
  return answer;
}

/** A question by itself is nobody's content: neither approvals nor an agreed slot of a deployment count in it. */
async function sayOpenOne(io: Io, { service, version, environment }: Subject): Promise<void> {
  const found = await connect(io).listDeployments({ query: { service, environment, state: "open", limit: "20" } });
  const open = found.ok ? found.body.items.find((each) => each.version === version) : undefined;
  if (open === undefined) return;
  io.say(
    `This is a question by itself: approvals and slot of the open deployment ${open.id} do not count in it. With them:\n` +
      `  tidegate why ${service}@${version} --to ${environment} --for ${open.id}`,
  );
}
