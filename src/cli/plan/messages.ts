import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, type Column } from "#cli/output.ts";
import type { listMessages } from "#contract/plan-message.ts";

type Message = z.output<(typeof listMessages)["answers"][200]>["items"][number];

export const messages: AddCommand = (program, io) => {
  program
    .command("messages")
    .description("What runs have told you, newest first")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ limit }: { readonly limit: string }) => {
      const { items, next } = answered(await connect(io).listMessages({ query: { limit } })).body;
      io.write(renderList(io.format(), items, columns, ({ run }) => run));
      if (next !== null) io.say("There are more; raise --limit.");
    });
};

const columns: readonly Column<Message>[] = [
  { title: "AT", text: ({ at }) => at },
  { title: "RUN", text: ({ run }) => run },
  { title: "TEXT", text: ({ text }) => printable(text) },
];
