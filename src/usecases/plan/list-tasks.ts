import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { Transact } from "#usecases/records.ts";

/** More than one person can answer in a day; the most urgent are shown. */
const maxTasks = 100;

/** Steps that ask this person, a team or a role of theirs, and runs that miss an overseer whom they could be. */
export function makeListTasks({ transact }: { readonly transact: Transact }): PlanOperations["listTasks"] {
  return ({ name, teams, roles }) =>
    transact(async ({ runs }) => {
      const names = [name, ...teams, ...roles];
      const unseen = await runs.unseen(names, maxTasks);
      return { steps: await runs.asking(names, maxTasks), unseen: unseen.filter(({ owner }) => owner !== name) };
    });
}
