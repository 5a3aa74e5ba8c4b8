import type { Notify } from "#core/plan/guard.ts";
import { isMeant } from "#core/release/hold.ts";
import { onCallOf } from "#usecases/plan/on-call.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";

/** More people than that are told by other means. */
const maxPersons = 500;
/** More names than anybody reads. */
const maxNames = 20;

/** Done in the transaction that begins it: a row for each person, once per key, however often the step is begun. */
export const notify: StepDriver<Notify> = {
  begin: tell,
  look: tell,
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back." }),
};

async function tell(context: StepContext<Notify>): Promise<Standing> {
  const { records, run, action, key, at } = context;
  const persons = [...(await audienceOf(context))].toSorted().slice(0, maxPersons);
  if (persons.length === 0) return { state: "skipped", outcome: "Nobody is meant, so nobody was told." };
  await records.messages.insert({ key, run: run.id, at, text: action.text }, persons);
  const more = persons.length > maxNames ? ` and ${persons.length - maxNames} more` : "";
  return { state: "done", outcome: `Told ${persons.slice(0, maxNames).join(", ")}${more}.` };
}

/** Of a team of which nobody knows who is on call, everybody is told. */
async function audienceOf({ records, action, at }: StepContext<Notify>): Promise<ReadonlySet<string>> {
  const { people } = await records.catalog.inForce();
  const named = [...action.to];
  const found = new Set<string>();
  for (const { team, persons, unknown } of await onCallOf(records, action.onCall, at)) {
    for (const person of persons) found.add(person);
    if (unknown !== null || persons.length === 0) named.push(team);
  }
  for (const person of people.values()) if (named.some((name) => isMeant(name, person))) found.add(person.name);
  return found;
}
