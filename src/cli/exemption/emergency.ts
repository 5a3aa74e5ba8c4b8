import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import type { emergency as wire } from "#contract/emergency.ts";

type Emergency = z.output<typeof wire>;
type Summary = Omit<Emergency, "debts" | "announcements">;

interface OpenFlags {
  readonly ticket: string;
  readonly cause: string;
  readonly environment: readonly string[];
  readonly criterion?: readonly string[];
  readonly passes?: readonly string[];
}

export const emergency: AddCommand = (program, io) => {
  const group = program
    .command("emergency")
    .description("The lane for unscheduled work: tickets, approvals, permissions");
  const shown = (found: Emergency): void =>
    io.write(renderObject(io.format(), found, () => showEmergency(found), found.id));
  group
    .command("open <service> <version>")
    .description("Open a ticket for one version; its impact is computed and announced")
    .requiredOption("--ticket <key>", "key of the incident elsewhere")
    .requiredOption("--cause <text>", "what is broken")
    .requiredOption("--environment <name...>", "where it may go")
    .option("--criterion <name...>", "item of the checklist that is confirmed")
    .option("--passes <freeze...>", "hard freeze that it may pass")
    .action(async (service: string, version: string, flags: OpenFlags) => {
      const body = {
        ticket: flags.ticket,
        cause: flags.cause,
        service,
        version,
        environments: [...flags.environment],
        criteria: [...(flags.criterion ?? [])],
        passesFreezes: [...(flags.passes ?? [])],
      };
      const opened = answered(await connect(io).openEmergency({ body })).body;
      shown(opened);
      await sayWhatIsMissing(io, opened);
    });
  group
    .command("approve <id>")
    .description("Approve an emergency while on duty")
    .action(async (id: string) => shown(answered(await connect(io).approveEmergency({ params: { id } })).body));
  group
    .command("show <id>")
    .description("One emergency with what it owes and whom it was announced to")
    .action(async (id: string) => shown(answered(await connect(io).getEmergency({ params: { id } })).body));
  group
    .command("list")
    .description("Emergencies, newest first")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async (query: { readonly limit: string }) => {
      const { items } = answered(await connect(io).listEmergencies({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
    });
};

/** A ticket is not yet a permission: whoever is in a hurry must not find out at the next command. */
async function sayWhatIsMissing(io: Io, { service, version, environments }: Emergency): Promise<void> {
  for (const environment of environments) {
    const body = { service, version, environment, class: "emergency" as const };
    const outcome = await connect(io).askVerdict({ body });
    const found = outcome.ok ? outcome.body.findings.find(({ rule }) => rule === "emergency-permitted") : undefined;
    if (found === undefined || found.outcome === "pass") continue;
    const deeds = found.remedies.map(({ who, what }) => `\n  → ${who}: ${what}`);
    io.say(`${environment}: ${found.sentence}${deeds.join("")}`);
  }
}

const columns: readonly Column<Summary>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "STATE", text: ({ state }) => state },
  { title: "TICKET", text: ({ ticket }) => printable(ticket) },
  { title: "SERVICE", text: ({ service, version }) => `${service}@${version}` },
  { title: "ENVIRONMENTS", text: ({ environments }) => environments.join(" ") },
  { title: "UNTIL", text: ({ until }) => until ?? "not permitted" },
  { title: "CAUSE", text: ({ cause }) => printable(cause) },
];

function showEmergency(found: Emergency): string {
  const { id, state, ticket, cause, service, version, environments, impact, approvals, until, debts } = found;
  const approved = approvals.map(({ person }) => person).join(", ") || "nobody yet";
  const owes = debts.map((debt) => `  owes           ${debt.kind} (${debt.id}), due ${debt.dueAt}, ${debt.state}`);
  return [
    `${id} (${printable(ticket)}) is ${state}: ${printable(cause) || "no cause given"}`,
    `  for            ${service}@${version} ${found.digest ?? ""} → ${environments.join(", ")}`,
    `  felt by        ${impact === null ? "not computed" : impact.join(", ") || "nobody else"}`,
    `  opened by      ${found.openedBy}; approved by ${approved}`,
    `  permitted      ${until === null ? "not yet" : `until ${until}`}`,
    `  told           ${new Set(found.announcements.map(({ person }) => person)).size} people`,
    ...owes,
    "",
  ].join("\n");
}
