import { answered, connect } from "#cli/io.ts";
import { exitCodes } from "#cli/exit.ts";
import { renderList } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";

export const doctor: AddCommand = (program, io) => {
  program
    .command("doctor")
    .description("What is wrong with this installation and what to do")
    .action(async () => {
      const { checks } = answered(await connect(io).examine()).body;
      const columns = [
        { title: "STATUS", text: (row: (typeof checks)[number]) => row.status },
        { title: "CHECK", text: (row: (typeof checks)[number]) => row.name },
        { title: "WHAT", text: (row: (typeof checks)[number]) => row.sentence },
        { title: "DO", text: (row: (typeof checks)[number]) => row.remedy },
      ];
      io.write(renderList(io.format(), checks, columns, ({ name }) => name));
      if (checks.some(({ status }) => status === "failed")) io.setExit(exitCodes.error);
    });
};
