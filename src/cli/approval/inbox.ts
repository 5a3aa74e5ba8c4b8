import { answered, connect } from "#cli/io.ts";
import { renderList } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";

export const inbox: AddCommand = (program, io) => {
  program
    .command("inbox")
    .description("What waits for your decision")
    .action(async () => {
      const { items } = answered(await connect(io).listInbox()).body;
      const columns = [
        { title: "ID", text: (row: (typeof items)[number]) => row.deployment.id },
        {
          title: "SERVICE",
          text: (row: (typeof items)[number]) => `${row.deployment.service}@${row.deployment.version}`,
        },
        { title: "ENVIRONMENT", text: (row: (typeof items)[number]) => row.deployment.environment },
        { title: "REQUESTED BY", text: (row: (typeof items)[number]) => row.deployment.requestedBy },
        {
          title: "FREEZE",
          text: (row: (typeof items)[number]) =>
            row.despite.map(({ freeze, who }) => `${freeze} (--despite, ${who})`).join(", ") || "none",
        },
        { title: "ASKS", text: (row: (typeof items)[number]) => row.ask },
      ];
      io.write(renderList(io.format(), items, columns, (row) => row.deployment.id));
      if (items.length === 0) io.say("Nothing waits for you.");
    });
};
