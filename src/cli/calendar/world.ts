import { CommandEnd, exitCodes } from "#cli/exit.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import { isError } from "#config/problem.ts";
import { renderProblems } from "#config/render.ts";
import { checkSources, type World } from "#config/world.ts";
import type { Organisation } from "#core/catalog/organisation.ts";

export function organisationIn(folder: string): Organisation {
  return worldIn(folder).organisation;
}

/** What a folder declares and says of the state of things; a folder with an error is refused with every place. */
export function worldIn(folder: string): World {
  const { world, problems } = checkSources(readFolder(folder));
  if (world !== null) return world;
  const shown = renderProblems(problems.filter(isError));
  throw new CommandEnd(exitCodes.error, `The calendar in ${folder} cannot be read:\n${shown}`);
}
