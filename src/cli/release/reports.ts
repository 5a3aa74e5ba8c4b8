import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import { reportKind, type report as wireReport } from "#contract/report.ts";

type WireReport = z.infer<typeof wireReport>;

interface Flags {
  readonly service?: string;
  readonly digest?: string;
  readonly limit: string;
  readonly cursor?: string;
}

const columns: readonly Column<WireReport>[] = [
  { title: "AT", text: ({ report }) => toSecond(report.at) },
  { title: "ABOUT", text: aboutOf },
  { title: "SAYS", text: saysOf },
  { title: "SOURCE", text: ({ report }) => report.source },
  { title: "BY", text: ({ account }) => account, wide: true },
  { title: "RECEIVED", text: ({ receivedAt }) => toSecond(receivedAt), wide: true },
  { title: "ID", text: ({ id }) => id, wide: true },
];

export const reports: AddCommand = (program, io) => {
  program
    .command("reports <kind>")
    .description(`Reports of one kind, newest first: ${reportKind.options.join(", ")}`)
    .option("--service <name>", "only about this service")
    .option("--digest <digest>", "only about this digest")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .option("--cursor <text>", "go on behind the last page")
    .action(async (kind: string, { service, digest, limit, cursor }: Flags) => {
      const known = reportKind.safeParse(kind);
      if (!known.success) throw usage(`There are no reports "${kind}". Known: ${reportKind.options.join(", ")}.`);
      const query = {
        limit,
        ...(service === undefined ? {} : { service }),
        ...(digest === undefined ? {} : { digest }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const { items, next } = answered(await connect(io).listReports({ params: { kind: known.data }, query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (next !== null) io.say(`There are more: --cursor ${next}`);
    });
};

function aboutOf({ kind, report }: WireReport): string {
  switch (kind) {
    case "evidence":
      return `${report.kind} of ${report.digest.slice(0, 19)}`;
    case "verification":
      return report.digest.slice(0, 19);
    case "ticket":
      return `${report.key}: ${report.services.join(", ")}`;
    case "risk-score":
      return `${report.service}@${report.version} → ${report.environment}`;
    case "recovery":
      return `${report.act} of ${report.service} in ${report.environment}`;
    case "error-budget":
    case "signal":
      return report.environment === null ? report.service : `${report.service} in ${report.environment}`;
  }
}

function saysOf({ kind, report }: WireReport): string {
  switch (kind) {
    case "evidence":
      return report.value === null ? report.outcome : `${report.outcome} ${report.value}`;
    case "verification":
      return report.outcome;
    case "ticket":
      return report.state;
    case "error-budget":
      return `${Math.round(report.left * 1000) / 10} % left`;
    case "risk-score":
      return String(report.score);
    case "recovery":
      return recoverySaid(report);
    case "signal":
      return report.ref === null ? report.status : `${report.status} (${report.ref})`;
  }
}

function recoverySaid(report: Extract<WireReport, { readonly kind: "recovery" }>["report"]): string {
  const { outcome, intervalSeconds, tookSeconds } = report;
  const figure = intervalSeconds === null ? tookSeconds : intervalSeconds;
  if (figure === null) return outcome;
  return `${outcome}, ${intervalSeconds === null ? "took" : "every"} ${figure} s`;
}
