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
      const tasks = answered(await connect(io).listTasks()).body;
      for (const { run, step, who, deadline, consent } of tasks.items) {
        const how =
          consent === null
            ? `tidegate run answer ${run} ${step}`
            : `tidegate run decide ${run} ${step} --content ${consent.contentDigest}`;
        io.say(`${run} asks ${who} in its step ${step} until ${deadline}: ${how}`);
      }
      for (const { run, asked } of tasks.unseen)
        io.say(`${run} needs an overseer of ${asked}: tidegate run oversee ${run}`);
      if (items.length + tasks.items.length + tasks.unseen.length === 0) io.say("Nothing waits for you.");
    });
};
