import { answered, connect } from "#cli/io.ts";
import { renderList, type Column } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";
import type { z } from "zod";
import type { notice } from "#contract/notice.ts";

type Notice = z.output<typeof notice>;

interface Flags {
  readonly deployment?: string;
  readonly all?: true;
  readonly limit: string;
}

export const notices: AddCommand = (program, io) => {
  program
    .command("notices")
    .description("What you were told about your work and no longer holds, newest first")
    .option("--deployment <id>", "only about this one")
    .option("--all", "everybody's, not only yours")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async (flags: Flags) => {
      const client = connect(io);
      const query = {
        limit: flags.limit,
        ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
        ...(flags.all === true ? {} : { person: answered(await client.whoAmI()).body.person }),
      };
      const { items, next } = answered(await client.listNotices({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ deployment }) => deployment));
      if (next !== null) io.say("There are more; raise --limit or narrow the list.");
    });
};

const columns: readonly Column<Notice>[] = [
  { title: "AT", text: ({ at }) => at },
  { title: "DEPLOYMENT", text: ({ deployment }) => deployment },
  { title: "PERSON", text: ({ person }) => person },
  { title: "WAS", text: ({ was }) => sayTold(was) },
  { title: "IS", text: ({ is }) => sayTold(is) },
  { title: "BECAUSE", text: ({ because }) => because.map(({ sentence }) => sentence).join(" ") },
];

function sayTold({ verdict, opensAt }: Notice["was"]): string {
  return opensAt === null ? verdict : `${verdict} ${opensAt}`;
}
