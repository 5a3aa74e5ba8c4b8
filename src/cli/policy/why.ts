import { Option } from "commander";
import { connect, answered, type Io } from "#cli/io.ts";
import { exitOfVerdict, usage } from "#cli/exit.ts";
import { renderObject } from "#cli/output.ts";
import { showVerdict, type WireVerdict } from "#cli/policy/show-verdict.ts";
import { whyFromFolder } from "#cli/policy/why-offline.ts";
import type { AddCommand } from "#cli/command.ts";
import { deploymentId } from "#contract/common.ts";
import { parseSubject } from "#cli/subject.ts";
import { parseAt } from "#cli/time.ts";
import { changeActions, changeClasses, type ChangeAction, type ChangeClass } from "#core/catalog/scope.ts";

interface Flags {
  readonly to?: string;
  readonly class?: ChangeClass;
  readonly action?: ChangeAction;
  readonly at?: string;
  readonly for?: string;
  readonly from?: string;
}

export const why: AddCommand = (program, io) => {
  program
    .command("why <service@version>")
    .description("Whether and when a version may go to an environment, with every reason; or the id of a deployment")
    .option("--to <environment>", "where to; the id of a deployment says it itself")
    .addOption(new Option("--class <class>", "of the change; normal if absent").choices(changeClasses))
    .addOption(new Option("--action <action>", "what is meant to happen; deploy if absent").choices(changeActions))
    .option("--at <time>", "as of '2026-11-24T22:00[Europe/Berlin]' or an instant with offset; now if absent")
    .option("--for <deployment>", "on behalf of this deployment: its approvals, class, risk and agreed slot count")
    .option("--from <dir>", "judge the configuration in a folder, without a server")
    .addHelpText("after", examples)
    .action(async (text: string, flags: Flags) => {
      const at = flags.at === undefined ? null : parseAt(flags.at, io);
      const answer = await answerTo(io, text, flags, at);
      io.write(renderObject(io.format(), answer, () => showVerdict(answer), answer.verdict));
      io.setExit(exitOfVerdict(answer.verdict));
    });
};

const examples = `
Examples:
  tidegate why cart@1.1.0 --to prod-emea
  tidegate why cart@1.1.0 --to prod-emea --at '2026-11-24T22:00[Europe/Berlin]'
  tidegate why cart@1.1.0 --to prod-emea --from config/
  tidegate why dep_…                       a deployment, with what was decided on it`;

interface Subject {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly action: ChangeAction;
  readonly class: ChangeClass;
}

async function answerTo(io: Io, text: string, flags: Flags, at: Temporal.Instant | null): Promise<WireVerdict> {
  if (deploymentId.safeParse(text).success) return whyOfDeployment(io, text, flags, at);
  const { service, version } = parseSubject(text);
  if (flags.to === undefined) throw usage(`Say where to: tidegate why ${text} --to ENVIRONMENT`);
  const { to: environment, class: changeClass = "normal", action = "deploy" } = flags;
  const subject = { service, version, environment, action, class: changeClass };
  if (flags.from === undefined) return whyFromServer(io, subject, at, flags.for ?? null);
  if (flags.for !== undefined)
    throw usage("--for names a deployment of a server, and a folder has none: leave out --for or --from.");
  return whyFromFolder(flags.from, subject, at);
}

/** The deployment says what is asked, so nothing else may: a flag that went unheard would be answered wrongly. */
async function whyOfDeployment(io: Io, id: string, flags: Flags, at: Temporal.Instant | null): Promise<WireVerdict> {
  for (const flag of ["to", "class", "action", "for", "from"] as const) {
    if (flags[flag] !== undefined) throw usage(`${id} says itself what goes where and how: leave out --${flag}.`);
  }
  const { service, version, environment } = answered(await connect(io).getDeployment({ params: { id } })).body;
  const body = { service, version, environment, deployment: id, ...(at === null ? {} : { at: at.toString() }) };
  return answered(await connect(io).askVerdict({ body })).body;
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
      `  tidegate why ${open.id}`,
  );
}
