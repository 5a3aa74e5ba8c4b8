import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, renderObject, type Column } from "#cli/output.ts";
import type { listDebts } from "#contract/emergency.ts";

type Debt = z.output<(typeof listDebts.answers)[200]>["items"][number];

interface ListFlags {
  readonly team?: string;
  readonly emergency?: string;
  readonly all?: true;
  readonly limit: string;
}

export const debt: AddCommand = (program, io) => {
  const group = program.command("debt").description("What emergencies owe: reviews, back-merges, rehearsals");
  group
    .command("list")
    .description("Debts, the most urgent first")
    .option("--team <name>", "only of this team")
    .option("--emergency <id>", "only of this emergency")
    .option("--all", "those that are paid too")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, ...named }: ListFlags) => {
      const query = { ...named, show: all === true ? "all" : "open" } as const;
      const { items } = answered(await connect(io).listDebts({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (items.length === 0) io.say("Nothing is owed.");
    });
  group
    .command("pay <id>")
    .description("Record that it is done, and where that can be seen")
    .requiredOption("--evidence <text>", "minutes, commit, run")
    .action(async (id: string, body: { readonly evidence: string }) => {
      const paid = answered(await connect(io).payDebt({ params: { id }, body })).body;
      const text = (): string => `${paid.id}: the ${paid.kind} of ${paid.emergency} is paid\n`;
      io.write(renderObject(io.format(), paid, text, paid.id));
    });
};

const columns: readonly Column<Debt>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "KIND", text: ({ kind }) => kind },
  { title: "TEAM", text: ({ team }) => team },
  { title: "EMERGENCY", text: ({ emergency }) => emergency },
  { title: "DUE", text: ({ dueAt }) => dueAt },
  {
    title: "STATE",
    text: ({ kind, state }) => (kind === "back-merge" && state !== "paid" ? `back-merge ${state}` : state),
  },
  { title: "EVIDENCE", text: ({ evidence }) => printable(evidence ?? "") },
];
