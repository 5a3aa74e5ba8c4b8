import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { printable, renderList, type Column } from "#cli/output.ts";

interface Told {
  readonly person: string;
  readonly object: string;
  readonly sentence: string;
  readonly at: string;
}

export const announcements: AddCommand = (program, io) => {
  program
    .command("announcements")
    .description("What you were told about emergencies that you would feel, newest first")
    .option("--all", "everybody's, not only yours")
    .option("--about <id>", "only about this emergency")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async (flags: { readonly all?: true; readonly about?: string; readonly limit: string }) => {
      const client = connect(io);
      const query = {
        limit: flags.limit,
        ...(flags.about === undefined ? {} : { object: flags.about }),
        ...(flags.all === true ? {} : { person: answered(await client.whoAmI()).body.person }),
      };
      const { items } = answered(await client.listAnnouncements({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ object }) => object));
    });
};

const columns: readonly Column<Told>[] = [
  { title: "AT", text: ({ at }) => at },
  { title: "ABOUT", text: ({ object }) => object },
  { title: "PERSON", text: ({ person }) => person },
  { title: "SAID", text: ({ sentence }) => printable(sentence) },
];
