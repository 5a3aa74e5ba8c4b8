import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList } from "#cli/output.ts";
import { sayHere } from "#cli/time.ts";
import type { reflow } from "#contract/business-calendar.ts";

type Batch = z.infer<typeof reflow>;
interface Line extends Omit<Batch["items"][number], "event"> {
  readonly batch: string;
  readonly event: string;
}

const columns = [
  { title: "BATCH", text: ({ batch }: Line) => batch },
  { title: "ITEM", text: ({ position }: Line) => String(position) },
  { title: "STATE", text: ({ state }: Line) => state },
  { title: "FROM", text: ({ oldSlot }: Line) => sayHere(oldSlot.from) },
  { title: "TO", text: ({ newSlot }: Line) => (newSlot === null ? "none" : sayHere(newSlot.from)) },
  { title: "WHY", text: ({ sentence }: Line) => printable(sentence) },
];

export const reflowCommand: AddCommand = (program, io) => {
  const group = program.command("reflow").description("New slots that imported calendars propose, as batches");
  group
    .command("list")
    .description("Batches with their items, newest first")
    .action(async () => {
      const { items } = answered(await connect(io).listReflows({ query: { limit: "20" } })).body;
      const lines = items.flatMap((batch) => batch.items.map((item) => ({ ...item, batch: batch.id })));
      io.write(renderList(io.format(), lines, columns, ({ batch, position }) => `${batch}/${position}`));
    });
  for (const decision of ["accept", "decline"] as const) {
    group
      .command(`${decision} <batch>`)
      .description(`${decision === "accept" ? "Accept" : "Decline"} a batch, or some of its items`)
      .option("--items <positions>", "only these, separated by commas; BATCH/ITEM names one as well")
      .action(async (named: string, flags: { readonly items?: string }) => {
        const [id = "", one] = named.split("/");
        if (one !== undefined && flags.items !== undefined) throw usage("Name the item once: BATCH/ITEM or --items.");
        const wanted = one ?? flags.items;
        const items = wanted === undefined ? {} : { items: positionsIn(wanted) };
        const decided = answered(await connect(io).decideReflow({ params: { id }, body: { decision, ...items } })).body;
        const outcome = [
          { title: "ITEM", text: ({ position }: (typeof decided.items)[number]) => String(position) },
          { title: "OUTCOME", text: (item: (typeof decided.items)[number]) => item.outcome },
        ];
        io.write(renderList(io.format(), decided.items, outcome, ({ position }) => String(position)));
      });
  }
};

function positionsIn(text: string): number[] {
  const positions = text.split(",").map(Number);
  if (positions.some((position) => !Number.isInteger(position) || position < 1))
    throw usage(`--items takes positions such as 1,3, not "${text}".`);
  return positions;
}
