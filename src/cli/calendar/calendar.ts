import { adviseCommand } from "#cli/calendar/advise.ts";
import { coverCommand } from "#cli/calendar/cover.ts";
import { feedCommand } from "#cli/calendar/feed.ts";
import { importCommand } from "#cli/calendar/import.ts";
import { lintCommand } from "#cli/calendar/lint-command.ts";
import { reflowCommand } from "#cli/calendar/reflow.ts";
import { rotaCommand } from "#cli/calendar/rota.ts";
import { slotCommand } from "#cli/calendar/slot.ts";
import { spansCommand } from "#cli/calendar/spans-command.ts";
import type { AddCommand } from "#cli/command.ts";

export const calendar: AddCommand = (program, io) => {
  const group = program.command("calendar").description("When what is open, by the rules that verdicts are judged by");
  spansCommand(group, io);
  lintCommand(group, io);
  adviseCommand(group, io);
  coverCommand(group, io);
  importCommand(group, io);
  reflowCommand(group, io);
  feedCommand(group, io);
  rotaCommand(group, io);
  slotCommand(group, io);
};
