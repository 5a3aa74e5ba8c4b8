import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import { sayDuration } from "#core/policy/say.ts";
import type { exemption as wire, listExemptionTypes } from "#contract/exemption.ts";

type Exemption = z.output<typeof wire>;
type ExemptionType = z.output<(typeof listExemptionTypes)["answers"][200]>["items"][number];

interface RequestFlags {
  readonly reason: string;
  readonly until: string;
  readonly from?: string;
  readonly service?: readonly string[];
  readonly environment?: readonly string[];
  readonly subject?: readonly string[];
  readonly control?: readonly string[];
  readonly renews?: string;
}

export const exemption: AddCommand = (program, io) => {
  const group = program
    .command("exemption")
    .description("Time-boxed deviations from a rule, with what makes up for them");
  addRequest(group, io);
  addDecisions(group, io);
  addViews(group, io);
  addExport(group, io);
};

function show(io: Io, found: Exemption): void {
  io.write(renderObject(io.format(), found, () => showExemption(found), found.id));
}

const addRequest: AddCommand = (group, io) => {
  group
    .command("request <type>")
    .description("Ask for an exemption of a declared type")
    .requiredOption("--reason <text>", "why it is needed")
    .requiredOption("--until <instant>", "its end, such as 2026-04-30T00:00[Europe/Berlin]")
    .option("--from <instant>", "its begin; now when left out")
    .option("--service <name...>", "services that it serves; those of the type when left out")
    .option("--environment <name...>", "environments that it serves; those of the type when left out")
    .option("--subject <kind...>", "kinds of evidence that it is about; those of the type when left out")
    .option("--control <control...>", "compensating control on top of those of the type, such as canary:PT24H")
    .option("--renews <id>", "the exemption that it follows upon")
    .action(async (type: string, flags: RequestFlags) => {
      const { environment: environments, service: services } = flags;
      const scope = {
        ...(environments === undefined ? {} : { environments: [...environments] }),
        ...(services === undefined ? {} : { services: [...services] }),
      };
      const body = {
        type,
        scope,
        subjects: [...(flags.subject ?? [])],
        controls: [...(flags.control ?? [])],
        justification: flags.reason,
        from: flags.from === undefined ? null : parseAt(flags.from).toString(),
        until: parseAt(flags.until).toString(),
        renews: flags.renews ?? null,
      };
      show(io, answered(await connect(io).requestExemption({ body })).body);
    });
};

const addDecisions: AddCommand = (group, io) => {
  group
    .command("approve <id>")
    .description("Approve an exemption that somebody else asked for")
    .action(async (id: string) => show(io, answered(await connect(io).approveExemption({ params: { id } })).body));
  group
    .command("revoke <id>")
    .description("End an exemption before its time")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, { reason }: { readonly reason: string }) =>
      show(io, answered(await connect(io).revokeExemption({ params: { id }, body: { reason } })).body),
    );
};

const addViews: AddCommand = (group, io) => {
  group
    .command("types")
    .description("The sorts of exemption that are granted at all")
    .action(async () => {
      const { items } = answered(await connect(io).listExemptionTypes()).body;
      io.write(renderList(io.format(), items, typeColumns, ({ name }) => name));
    });
  group
    .command("list")
    .description("Exemptions, newest first")
    .option("--all", "those that have ended or were revoked too")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, limit }: { readonly all?: true; readonly limit: string }) => {
      const query = { limit, show: all === true ? "all" : "open" } as const;
      const { items, next } = answered(await connect(io).listExemptions({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
  group
    .command("show <id>")
    .description("One exemption with its uses")
    .action(async (id: string) => {
      const found = answered(await connect(io).getExemption({ params: { id } })).body;
      const uses = found.uses.map(
        ({ at, service, version, environment, person, deployment }) =>
          `  ${at}  ${service}@${version} → ${environment}  ${person ?? "system"}  ${deployment}\n`,
      );
      const text = (): string => `${showExemption(found.exemption)}${uses.join("")}`;
      io.write(renderObject(io.format(), found, text, found.exemption.id));
    });
};

const addExport: AddCommand = (group, io) => {
  group
    .command("export")
    .description("The deviation register with every use, reason, user and control, as JSON or CSV")
    .option("--format <format>", "json or csv", "json")
    .action(async ({ format }: { readonly format: string }) => {
      if (format !== "json" && format !== "csv") throw usage(`--format takes json or csv, not "${format}".`);
      const register = answered(await connect(io).exportRegister()).body;
      if (format === "json") {
        io.write(`${JSON.stringify(register, null, 2)}\n`);
        return;
      }
      const granted = new Map(register.exemptions.map((found) => [found.id, found]));
      const passed = new Map(register.overrides.map((found) => [found.id, found]));
      const lines = register.uses.map((use) => {
        const found = granted.get(use.deviation);
        const reason = found?.justification ?? passed.get(use.deviation)?.reason ?? "";
        const controls = found?.controls.join(" ") ?? "";
        const { at, deviation, rule, service, version, environment, person, deployment, verdict } = use;
        return [
          at,
          deviation,
          rule,
          service,
          version,
          environment,
          person ?? "",
          reason,
          controls,
          deployment,
          verdict,
        ];
      });
      const head = "at,deviation,rule,service,version,environment,user,reason,controls,deployment,verdict";
      io.write(`${[head, ...lines.map((line) => line.map(csvCell).join(","))].join("\n")}\n`);
    });
};

/** Quoted, and never the begin of a formula: a table program would run what others wrote. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

const columns: readonly Column<Exemption>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "STATE", text: ({ state }) => state },
  { title: "RULE", text: ({ rule }) => rule },
  { title: "ABOUT", text: ({ subjects, codes }) => (subjects.length > 0 ? subjects : codes).join(" ") },
  { title: "UNTIL", text: ({ until }) => until },
  { title: "CONTROLS", text: ({ controls }) => controls.join(" ") || "none" },
  { title: "USES", text: ({ uses }) => String(uses) },
  { title: "WHY", text: ({ justification }) => printable(justification) },
];

function showExemption(found: Exemption): string {
  const { id, state, type, rule, codes, subjects, from, until, controls, approvals, justification, uses } = found;
  const about = subjects.length === 0 ? "" : ` of ${subjects.join(", ")}`;
  const approvers = approvals.map(({ person }) => person).join(", ") || "nobody yet";
  return [
    `${id} (${type}) is ${state}: ${printable(justification)}`,
    `  deviates from  ${rule}: ${codes.join(", ")}${about}`,
    `  scope          ${JSON.stringify(found.scope)}`,
    `  in force       ${from} to ${until}`,
    `  controls       ${controls.join(", ") || "none"}`,
    `  requested by   ${found.requestedBy}; approved by ${approvers}`,
    `  used           ${uses} times`,
    "",
  ].join("\n");
}

const typeColumns: readonly Column<ExemptionType>[] = [
  { title: "TYPE", text: ({ name }) => name },
  { title: "RULE", text: ({ rule }) => rule },
  { title: "CODES", text: ({ codes }) => codes.join(", ") },
  { title: "SUBJECTS", text: ({ subjects }) => subjects.join(", ") || "all" },
  { title: "LONGEST", text: ({ maxDuration }) => sayDuration(Temporal.Duration.from(maxDuration)) },
  { title: "RENEWALS", text: ({ renewals }) => String(renewals) },
  { title: "CONTROLS", text: ({ controls }) => controls.join(", ") || "-" },
];
