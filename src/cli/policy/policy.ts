import { backtestCommand } from "#cli/policy/backtest-command.ts";
import { casesCommand } from "#cli/policy/cases-command.ts";
import { listCommand, showCommand } from "#cli/policy/list-command.ts";
import { testCommand } from "#cli/policy/test-command.ts";
import type { AddCommand } from "#cli/command.ts";

export const policy: AddCommand = (program, io) => {
  const group = program
    .command("policy")
    .description("What policies demand, what they would have done, and their tests");
  listCommand(group, io);
  showCommand(group, io);
  testCommand(group, io);
  casesCommand(group, io);
  backtestCommand(group, io);
};
