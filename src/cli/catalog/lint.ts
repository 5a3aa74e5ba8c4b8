import { isError } from "#config/problem.ts";
import { countProblems, renderProblems, renderProblemsJson } from "#config/render.ts";
import { checkFiles } from "#cli/catalog/check-folder.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import { exitCodes } from "#cli/exit.ts";
import type { AddCommand } from "#cli/command.ts";

export const lint: AddCommand = (program, io) => {
  program
    .command("lint <dir>")
    .description("Everything that is wrong in a configuration, each with its place; nothing is applied")
    .action((dir: string) => {
      const { documents, problems } = checkFiles(readFolder(dir));
      const isText = io.format() === "table" || io.format() === "wide";
      if (!isText) io.write(`${renderProblemsJson(problems)}\n`);
      else if (problems.length > 0) io.write(renderProblems(problems));
      if (problems.length === 0) io.say(`${documents.length} documents, nothing wrong.`);
      else if (!isText) io.say(countProblems(problems));
      if (problems.some(isError)) io.setExit(exitCodes.error);
    });
};
