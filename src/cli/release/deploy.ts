import { parseRisk } from "#cli/risk.ts";
import { answered, connect, refused, type Io } from "#cli/io.ts";
import { CommandEnd, exitCodes, exitOfVerdict, type ExitCode } from "#cli/exit.ts";
import { renderObject } from "#cli/output.ts";
import { follow } from "#cli/release/follow.ts";
import { showDeployment, type Detail } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";
import type { Refusal } from "#contract/client.ts";
import { parseSubject } from "#cli/subject.ts";
import { changeClasses, type ChangeClass } from "#core/catalog/scope.ts";
import { Option } from "commander";

interface Flags {
  readonly to: string;
  readonly class: ChangeClass;
  readonly watch?: boolean;
  readonly wait: boolean;
  readonly key?: string;
  readonly risk?: string;
  readonly rollbackPlan?: boolean;
}

export const deploy: AddCommand = (program, io) => {
  program
    .command("deploy <service@version>")
    .description("Ask for a version in an environment: it runs when every rule passes and waits until then")
    .requiredOption("--to <environment>", "where to")
    .addOption(new Option("--class <class>", "of the change").choices(changeClasses).default("normal"))
    .option("-w, --watch", "follow it to its end")
    .option("--no-wait", "end as rejected when it is not allowed at once")
    .option("--risk <risk>", "low or high; that of the service's tier if absent")
    .option("--rollback-plan", "there is a plan for the way back; a change of high risk needs it")
    .option("--key <key>", "idempotency key: the same key asks for the same deployment once")
    .action(async (text: string, flags: Flags) => {
      const { service, version } = parseSubject(text);
      const body = {
        service,
        version,
        environment: flags.to,
        class: flags.class,
        whenBlocked: flags.wait ? ("wait" as const) : ("fail" as const),
        ...(flags.risk === undefined ? {} : { risk: parseRisk(flags.risk) }),
        ...(flags.rollbackPlan === true ? { hasRollbackPlan: true } : {}),
      };
      const outcome = await connect(io).requestDeployment(
        flags.key === undefined ? { body } : { body, key: flags.key },
      );
      const requested = outcome.ok ? outcome.body : await alreadyThere(io, outcome, body);
      if (requested === null) return;
      const last = flags.watch === true ? await follow(io, requested) : requested;
      if (flags.watch !== true || io.format() !== "table") {
        io.write(renderObject(io.format(), last, () => showDeployment(last), last.id));
      }
      io.setExit(exitOfDeployment(last));
    });
};

/**
 * A pipeline that asks again must not fail for it: what is on its way is followed, what is live is done. Everything else
 * ends the command.
 */
async function alreadyThere(
  io: Io,
  refusal: Refusal,
  wish: {
    readonly service: string;
    readonly version: string;
    readonly environment: string;
    readonly class: ChangeClass;
  },
): Promise<Detail | null> {
  const { service, version, environment } = wish;
  const { code, detail } = refusal.problem;
  if (code === "already-live") {
    io.say(`${service}@${version} is live in ${environment} already: there is nothing to do.`);
    const live = { service, version, environment, state: "live" };
    io.write(renderObject(io.format(), live, () => "", `${service}@${version}`));
    return null;
  }
  if (code !== "already-open") return refused(refusal);
  const query = { service, environment, state: "open" as const, limit: "50" };
  const { items } = answered(await connect(io).listDeployments({ query })).body;
  const open = items.find((each) => each.version === version);
  if (open === undefined) throw new CommandEnd(exitCodes.conflict, detail, refusal.problem);
  const known = answered(await connect(io).getDeployment({ params: { id: open.id } })).body;
  // The answer to an emergency must not look as if one had been asked for.
  if (known.verdict !== null && known.verdict.subject.class !== wish.class) return refused(refusal);
  io.say(
    `${service}@${version} is on its way to ${environment} already: this is ${open.id}, nothing was asked for anew.`,
  );
  return known;
}

/** A deployment that went through or is under way is 0; what waits is 5; what ended otherwise is an error or a denial. */
export function exitOfDeployment(detail: Detail): ExitCode {
  switch (detail.state) {
    case "succeeded":
    case "running":
    case "queued":
      return exitCodes.ok;
    case "waiting":
      return exitCodes.mustWait;
    case "rejected":
      return detail.verdict === null || detail.verdict.verdict === "allow"
        ? exitCodes.denied
        : exitOfVerdict(detail.verdict.verdict);
    case "rolled-back":
    case "aborted":
    case "cancelled":
    case "failed":
    case "needs-human":
      return exitCodes.error;
  }
}
