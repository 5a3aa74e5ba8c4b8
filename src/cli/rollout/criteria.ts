import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList } from "#cli/output.ts";
import type { criterionResult } from "#contract/criteria.ts";

type Result = z.output<typeof criterionResult>;

export const criteria: AddCommand = (program, io) => {
  program
    .command("criteria <id>")
    .description(
      "How the criteria of a deployment, or of a run (run_…), stand or ended in each stage; -o json with the raw series",
    )
    .action(async (id: string) => {
      const params = { id };
      const { items } = id.startsWith("run_")
        ? answered(await connect(io).getRunCriteria({ params })).body
        : answered(await connect(io).getCriteria({ params })).body;
      io.write(renderList(io.format(), items, columns, ({ criterion }) => criterion));
      if (items.length === 0) io.say("No criterion was watched: apply a document of kind Criteria.");
    });
};

const columns: readonly Column<Result>[] = [
  { title: "STAGE", text: ({ stage }) => stage },
  { title: "CRITERION", text: ({ criterion }) => criterion },
  { title: "OUTCOME", text: ({ outcome }) => outcome },
  { title: "VALUE", text: ({ value, rule }) => (value === null ? "" : `${Number(value.toPrecision(4))} ${rule.unit}`) },
  { title: "BOUNDS", text: boundsOf },
  {
    title: "NEWEST",
    text: ({ newest, span }) => (newest === null ? "nothing" : `${Math.max(0, span.until - newest)} s old`),
  },
  { title: "SOURCE", text: ({ rule }) => rule.source },
  { title: "WHY", text: ({ sentence }) => sentence, wide: true },
];

function boundsOf({ bounds, rule }: Result): string {
  const edge = rule.worse === "higher" ? "at most" : "at least";
  return bounds.map(({ bound, kind }) => `${edge} ${Number(bound.toPrecision(4))} (${kind})`).join(", ");
}
