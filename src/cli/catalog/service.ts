import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import type { servicePage } from "#contract/service.ts";

type Page = z.infer<typeof servicePage>;
type Place = Page["environments"][number];

export const service: AddCommand = (program, io) => {
  program
    .command("service <name>")
    .description("One service: what is live where, what policies demand of it, and what stops or exempts it")
    .action(async (name: string) => {
      const page = answered(await connect(io).getService({ params: { name } })).body;
      io.write(renderObject(io.format(), page, () => show(page), page.name));
    });
};

function show(page: Page): string {
  const lines = [
    `${page.name}: team ${page.team}, unit ${page.unit}, tier ${page.tier}`,
    `Needs:    ${page.dependsOn.length === 0 ? "nothing" : page.dependsOn.map(({ on, kind }) => `${on} (${kind})`).join(", ")}`,
    `Used by:  ${page.dependants.length === 0 ? "nothing" : page.dependants.join(", ")}`,
    ...page.environments.flatMap(placeLines),
    ...page.holds.map(({ id, by, reason }) => `Held:     ${id} by ${by}: ${reason}`),
    ...page.exemptions.map(({ id, state, rule, until }) => `Exempt:   ${id} ${rule}, ${state}, until ${until}`),
    ...page.emergencies.map(({ id, state, version, ticket }) => `Emergency: ${id} ${version} (${ticket}), ${state}`),
    ...page.debts.map(({ id, kind, state, dueAt }) => `Owed:     ${id} ${kind}, ${state}, due ${dueAt}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function placeLines({ name, live, demands }: Place): readonly string[] {
  return [
    "",
    `${name}: ${live === null ? "nothing is live" : `${live.version} since ${live.since.replace(/\.\d+Z$/, "Z")}`}`,
    ...demands.map(({ said, policies }) => `  ${said}  (${policies.map((policy) => policy.name).join(", ")})`),
  ];
}
