import { testCommand } from "#cli/policy/test-command.ts";
import type { AddCommand } from "#cli/command.ts";

export const policy: AddCommand = (program, io) => {
  const group = program
    .command("policy")
    .description("What policies demand, what they would have done, and their tests");
  testCommand(group, io);
};
