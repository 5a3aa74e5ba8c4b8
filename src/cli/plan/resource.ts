import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { renderList, type Column } from "#cli/output.ts";
import { toSecond } from "#cli/release/to-second.ts";
import type { listContentions } from "#contract/reservation.ts";
import type { resourceQueue } from "#contract/plan-command.ts";

type Contention = z.output<(typeof listContentions)["answers"][200]>["items"][number];
type Queue = z.output<typeof resourceQueue>;

export const resource: AddCommand = (program, io) => {
  const group = program.command("resource").description("What steps of runs, and bookings, share");
  group
    .command("list")
    .description("Who uses it, who waits for it, and when they may begin")
    .action(async () => {
      const { items } = answered(await connect(io).listResources()).body;
      io.write(renderList(io.format(), items, columns, ({ name }) => name));
      if (items.length === 0) io.say("Nothing is shared: apply a document of kind Resource.");
    });
  group
    .command("contention")
    .description("Bookings that overlap beyond the capacity of what they share, with ways out")
    .action(async () => {
      const { items } = answered(await connect(io).listContentions()).body;
      io.write(renderList(io.format(), items, contentionColumns, ({ booking }) => booking));
      if (items.length === 0) io.say("No booking is in the way of another.");
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

const contentionColumns: readonly Column<Contention>[] = [
  { title: "RESOURCE", text: ({ resource: name, capacity }) => `${name} (${capacity})` },
  { title: "BOOKING", text: ({ booking }) => booking },
  { title: "SERVICE", text: ({ service }) => service },
  { title: "FROM", text: ({ from }) => toSecond(from) },
  { title: "TO", text: ({ to }) => toSecond(to) },
  { title: "TAKEN BY", text: ({ with: others }) => others.join(", ") },
  {
    title: "POSSIBLE",
    text: ({ options }) =>
      options.map(({ kind, spans }) => `${kind} ${spans.map(({ from }) => toSecond(from)).join(" and ")}`).join(", "),
  },
];
