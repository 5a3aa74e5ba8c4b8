import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { renderList, type Column } from "#cli/output.ts";
import type { resourceQueue } from "#contract/plan-command.ts";

type Queue = z.output<typeof resourceQueue>;

export const resource: AddCommand = (program, io) => {
  program
    .command("resource")
    .description("What steps of runs share")
    .command("list")
    .description("Who uses it, who waits for it, and when they may begin")
    .action(async () => {
      const { items } = answered(await connect(io).listResources()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("Nothing is shared: apply a document of kind Resource.");
    });
};

const columns: readonly Column<Queue>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "IN USE", text: ({ inUse, capacity }) => `${inUse} of ${capacity}` },
  { title: "HELD BY", text: ({ holders }) => holders.map(({ run, step }) => `${run}/${step}`).join(", ") },
  {
    title: "WAITING",
    text: ({ waiting }) =>
      waiting
        .map(({ run, step, expected }) => {
          const begins = expected === null ? "" : ` (${expected.from} to ${expected.to})`;
          return `${run}/${step}${begins}`;
        })
        .join(", "),
  },
];
