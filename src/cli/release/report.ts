import type { Command } from "commander";
import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { common, instantOrNull, numberOf, oneOf, reportOf, told, type Common } from "#cli/release/report-flags.ts";
import { backup, restore } from "#cli/release/report-recovery.ts";
import { parseSubject } from "#cli/subject.ts";
import type { reportEvidence, reportSignal, reportVerification } from "#contract/report.ts";

interface Promised {
  readonly freshFor?: string;
}

const freshForOption = [
  "--fresh-for <duration>",
  "the source reports again within this time (PT10M), or it is taken for silent; left out: it reports changes only",
] as const;

function promised(freshFor: string | undefined): { freshFor?: string } {
  return freshFor === undefined ? {} : { freshFor };
}

type Body<R extends { readonly body: z.ZodType }> = z.input<R["body"]>;

/** What was measured, brought to the server. Each kind is a command of its own, with the flags of its record. */
export const report: AddCommand = (program, io) => {
  const group = program.command("report").description("Tell the server what was measured, and by whom");
  evidence(group, io);
  verification(group, io);
  ticket(group, io);
  errorBudget(group, io);
  riskScore(group, io);
  signal(group, io);
  backup(group, io);
  restore(group, io);
};

function evidence(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly kind: string;
    readonly outcome: string;
    readonly value?: string;
    readonly ruleSet?: string;
    readonly ref?: string;
  }
  reportOf(group, "evidence <digest>", "A result about one digest: tests, coverage, scans, reviews")
    .requiredOption(
      "--kind <name>",
      "what was measured: unit-tests, coverage, sast, licences, load-test, peer-review …",
    )
    .requiredOption("--outcome <outcome>", "pass, fail or not-enough")
    .option("--value <number>", "the figure that thresholds are compared with")
    .option("--rule-set <version>", "version of the rules that were used")
    .option("--ref <text>", "where to read more")
    .action(async (digest: string, { value, ruleSet, ref, ...flags }: Flags) => {
      const outcome = oneOf<Body<typeof reportEvidence>["outcome"]>(flags.outcome, ["pass", "fail", "not-enough"]);
      const more = { value: value === undefined ? null : numberOf("value", value), ruleSet: ruleSet ?? null };
      const body = { digest, kind: flags.kind, outcome, ...more, ref: ref ?? null, ...common(flags) };
      told(io, answered(await connect(io).reportEvidence({ body })).body);
    });
}

function verification(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly outcome: string;
    readonly key?: string;
  }
  const outcomes = ["verified", "digest-mismatch", "unsigned", "untrusted-key", "revoked-key"] as const;
  reportOf(group, "verification <digest>", "Whether a digest and its signature are those of a trusted key")
    .requiredOption("--outcome <outcome>", outcomes.join(", "))
    .option("--key <text>", "key or identity that signed")
    .action(async (digest: string, flags: Flags) => {
      const outcome = oneOf<Body<typeof reportVerification>["outcome"]>(flags.outcome, outcomes);
      const body = { digest, outcome, key: flags.key ?? null, ...common(flags) };
      told(io, answered(await connect(io).reportVerification({ body })).body);
    });
}

function ticket(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly state: string;
    readonly service: readonly string[];
    readonly environment?: readonly string[];
    readonly from?: string;
    readonly to?: string;
  }
  reportOf(group, "ticket <key>", "A change ticket as it stands")
    .requiredOption("--state <word>", "its state, in the words of the system that keeps it")
    .requiredOption("--service <name...>", "services that it names")
    .option("--environment <name...>", "environments that it names; all when left out")
    .option("--from <time>", "planned begin")
    .option("--to <time>", "planned end")
    .action(async (key: string, { state, service, environment, from, to, ...flags }: Flags) => {
      const span = { from: instantOrNull(from), to: instantOrNull(to) };
      const names = { services: [...service], environments: [...(environment ?? [])] };
      const body = { key, state, ...names, ...span, ...common(flags) };
      told(io, answered(await connect(io).reportTicket({ body })).body);
    });
}

function errorBudget(group: Command, io: Io): void {
  interface Flags extends Common, Promised {
    readonly left: string;
    readonly environment?: string;
  }
  reportOf(group, "error-budget <service>", "How much of the error budget of a service is left")
    .requiredOption("--left <share>", "1 is all of it, 0 none, below 0 overspent")
    .option("--environment <name>", "where; everywhere when left out")
    .option(...freshForOption)
    .action(async (service: string, { left, environment, freshFor, ...flags }: Flags) => {
      const share = numberOf("left", left);
      const body = { service, left: share, environment: environment ?? null, ...promised(freshFor), ...common(flags) };
      told(io, answered(await connect(io).reportErrorBudget({ body })).body);
    });
}

function riskScore(group: Command, io: Io): void {
  interface Flags extends Common {
    readonly to: string;
    readonly score: string;
  }
  reportOf(group, "risk-score <service@version>", "The risk of one version in one environment, 0 to 100")
    .requiredOption("--to <environment>", "where to")
    .requiredOption("--score <number>", "0 is none, 100 the highest")
    .action(async (subject: string, { to, score, ...flags }: Flags) => {
      const body = { ...parseSubject(subject), environment: to, score: numberOf("score", score), ...common(flags) };
      told(io, answered(await connect(io).reportRiskScore({ body })).body);
    });
}

function signal(group: Command, io: Io): void {
  interface Flags extends Common, Promised {
    readonly status: string;
    readonly environment?: string;
    readonly ref?: string;
  }
  const statuses = ["ok", "degraded", "outage", "unknown"] as const;
  reportOf(group, "signal <service>", "How a service or vendor is; what needs it is judged again at once")
    .requiredOption("--status <status>", statuses.join(", "))
    .option("--environment <name>", "where; everywhere when left out")
    .option("--ref <text>", "what happened, or where to read more")
    .option(...freshForOption)
    .action(async (service: string, { environment, ref, freshFor, ...flags }: Flags) => {
      const status = oneOf<Body<typeof reportSignal>["status"]>(flags.status, statuses);
      const about = { service, status, environment: environment ?? null, ref: ref ?? null };
      const body = { ...about, ...promised(freshFor), ...common(flags) };
      told(io, answered(await connect(io).reportSignal({ body })).body);
    });
}
