import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, type Column } from "#cli/output.ts";
import { saySeconds } from "#cli/plan/say-seconds.ts";
import type { runbook as wire } from "#contract/plan.ts";

type Runbook = z.output<typeof wire>;

export const runbook: AddCommand = (program, io) => {
  program
    .command("runbook")
    .description("Plans that people wrote down")
    .command("list")
    .description("Runbooks in force, by name")
    .action(async () => {
      const { items } = answered(await connect(io).listRunbooks()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("There is no runbook: apply a document of kind Runbook.");
    });
};

const columns: readonly Column<Runbook>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "OWNER", text: ({ owner }) => owner },
  { title: "STEPS", text: ({ steps }) => String(steps) },
  { title: "WITHIN", text: ({ within }) => saySeconds(within) },
  { title: "WAY BACK", text: ({ wayBack }) => saySeconds(wayBack) },
  { title: "SUMMARY", text: ({ summary }) => printable(summary) },
  { title: "VERSION", text: ({ version }) => version, wide: true },
];
