import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, printable, renderList, renderObject } from "#cli/output.ts";
import type { policyLine, showPolicy } from "#contract/policy.ts";

type Line = z.infer<typeof policyLine>;
type Page = z.infer<(typeof showPolicy)["answers"][200]>;

export const listCommand: AddCommand = (group, io) => {
  group
    .command("list")
    .description("The policies of the configuration in force")
    .action(async () => {
      const { items } = answered(await connect(io).listPolicies()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
    });
};

export const showCommand: AddCommand = (group, io) => {
  group
    .command("show <name>")
    .description("One policy: its text, whom it concerns, and all its versions")
    .option("--version <digest>", "as it was in that version; the newest if absent")
    .action(async (name: string, flags: { readonly version?: string }) => {
      const query = flags.version === undefined ? {} : { version: flags.version };
      const page = answered(await connect(io).showPolicy({ params: { name }, query })).body;
      io.write(renderObject(io.format(), page, () => show(page), page.version));
    });
};

function show(page: Page): string {
  const lines = [
    `${page.name}: ${standing(page)}`,
    `Version:  ${page.version}, applied by ${page.appliedBy} at ${page.appliedAt} (${page.place})`,
    `Matches:  ${page.serviceCount} ${page.serviceCount === 1 ? "service" : "services"}${page.serviceCount > 0 ? `: ${page.services.slice(0, 20).join(", ")}${page.serviceCount > 20 ? ", …" : ""}` : ""}`,
    `Decides:  ${page.rules.length === 0 ? "no rule" : page.rules.join(", ")}`,
    "",
    ...page.text.trimEnd().split("\n"),
    "",
    "Versions:",
    ...page.versions.map((each) => `  ${each.version}  ${each.from} to ${each.to ?? "now"}  ${each.appliedBy}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function standing({ level, owner, inForce, unreadable, from, until }: Line | Page): string {
  if (unreadable !== null) return `UNREADABLE, so nothing it may match is allowed: ${unreadable}`;
  const dates = `${from === null ? "" : ` from ${from}`}${until === null ? "" : ` until ${until}`}`;
  return `${level ?? "?"} policy of ${owner ?? "?"}, ${inForce ? "in force" : "not in force"}${dates}`;
}

const columns: readonly Column<Line>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "LEVEL", text: ({ level }) => level ?? "unreadable" },
  { title: "OWNER", text: ({ owner }) => owner ?? "-" },
  { title: "IN FORCE", text: ({ inForce }) => (inForce ? "yes" : "no") },
  { title: "SERVICES", text: ({ serviceCount }) => String(serviceCount) },
  { title: "RULES", text: ({ rules }) => rules.join(", ") },
  { title: "APPLIED", text: ({ appliedAt, appliedBy }) => `${appliedAt} by ${appliedBy}` },
  { title: "FROM", text: ({ from }) => from ?? "-", wide: true },
  { title: "UNTIL", text: ({ until }) => until ?? "-", wide: true },
  { title: "VERSION", text: ({ version }) => version, wide: true },
];
