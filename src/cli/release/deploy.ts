import { parseRisk } from "#cli/risk.ts";
import { answered, connect } from "#cli/io.ts";
import { exitCodes, exitOfVerdict, type ExitCode } from "#cli/exit.ts";
import { renderObject } from "#cli/output.ts";
import { follow } from "#cli/release/follow.ts";
import { showDeployment, type Detail } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";
import { parseSubject } from "#cli/subject.ts";

interface Flags {
  readonly to: string;
  readonly class: "standard" | "normal" | "emergency";
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
    .option("--class <class>", "standard, normal or emergency", "normal")
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
      const requested = answered(outcome).body;
      const last = flags.watch === true ? await follow(io, requested) : requested;
      if (flags.watch !== true || io.format() !== "table") {
        io.write(renderObject(io.format(), last, () => showDeployment(last), last.id));
      }
      io.setExit(exitOfDeployment(last));
    });
};

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
