import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import { saySeconds } from "#cli/plan/say-seconds.ts";
import type { runbook as wire } from "#contract/plan.ts";
import type { getRunbook } from "#contract/plan-command.ts";

type RunbookBody = z.output<(typeof getRunbook)["answers"][200]>;
type Runbook = z.output<typeof wire>;

export const runbook: AddCommand = (program, io) => {
  const group = program.command("runbook").description("Plans that people wrote down");
  group
    .command("show <name>")
    .description("One runbook as it is written, with all its versions")
    .option("--version-digest <digest>", "as it was in this version")
    .action(async (name: string, { versionDigest: version }: { readonly versionDigest?: string }) => {
      const query = version === undefined ? {} : { version };
      const shown = answered(await connect(io).getRunbook({ params: { name }, query })).body;
      io.write(renderObject(io.format(), shown, () => sayRunbook(shown), shown.version));
    });
  group
    .command("list")
    .description("Runbooks in force, by name")
    .action(async () => {
      const { items } = answered(await connect(io).listRunbooks()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("There is no runbook: apply a document of kind Runbook.");
    });
};

function sayRunbook({ text, versions, version }: RunbookBody): string {
  const lines = versions.map((each) => {
    const end = each.to === null ? "in force" : `until ${each.to}`;
    const mark = each.version === version ? "*" : " ";
    return `${mark} ${each.version}  from ${each.from}, ${end}, by ${each.appliedBy} (${each.place})`;
  });
  return `${text}\n${lines.join("\n")}\n`;
}

const columns: readonly Column<Runbook>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "OWNER", text: ({ owner }) => owner },
  { title: "STEPS", text: ({ steps }) => String(steps) },
  { title: "WITHIN", text: ({ within }) => saySeconds(within) },
  { title: "WAY BACK", text: ({ wayBack }) => saySeconds(wayBack) },
  { title: "SUMMARY", text: ({ summary }) => printable(summary) },
  { title: "VERSION", text: ({ version }) => version, wide: true },
];
