import type { Easing, UnderConfiguration } from "#core/policy/easing.ts";
import { easingsOf } from "#core/policy/easing.ts";
import type { Subject } from "#core/policy/facts.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";

/** Own work that other documents would stop less. */
export interface OwnEasing extends Easing {
  readonly person: string;
  readonly deployment: string;
  readonly subject: Subject;
}

/** Undoes what the transaction has written; `unlessForOneself` makes a value of it. */
class EasesOwnChange extends Error {
  readonly easings: readonly OwnEasing[];
  constructor(easings: readonly OwnEasing[]) {
    super("the documents ease what stops a change of whoever applies them");
    this.easings = easings;
  }
}

/** Each is judged twice in the transaction that writes; who has more work open than this needs another person at any rate. */
const maxOwn = 300;

/**
 * Writes documents and judges the writer's own open work before and after, at one instant. Throws what `unlessForOneself`
 * turns into an answer when any of it is stopped less than before, by whatever document: a freeze that is moved, a window
 * that grows, an environment that leaves a scope are all the same thing to the work.
 */
export async function easingNothingOwn<T>(
  judge: Judge,
  records: Records,
  { by, at }: { readonly by: string; readonly at: Temporal.Instant },
  write: () => Promise<T>,
): Promise<T> {
  const own = await records.deployments.openOf(by, maxOwn + 1);
  if (own.length === 0) return await write();
  if (own.length > maxOwn) throw new EasesOwnChange(own.slice(0, 1).map((one) => tooMany(by, one)));
  const then = await afterEverything(records, at);
  const before = await judgeAll(judge, records, own, then);
  const written = await write();
  const after = await judgeAll(judge, records, own, then);
  const easings = own.flatMap(({ id: deployment, subject }, place): readonly OwnEasing[] => {
    const [was, would] = [before[place], after[place]];
    if (was === undefined || would === undefined) return [];
    return easingsOf(was, would).map((easing) => ({ ...easing, person: by, deployment, subject }));
  });
  if (easings.length > 0) throw new EasesOwnChange(easings);
  return written;
}

/** Runs the body; documents that ease a change of the writer's own leave nothing behind. */
export async function unlessForOneself<T>(
  transact: Transact,
  body: (records: Records) => Promise<T>,
  refused: (easings: readonly OwnEasing[]) => T,
): Promise<T> {
  try {
    return await transact(body);
  } catch (error) {
    if (error instanceof EasesOwnChange) return refused(error.easings);
    throw error;
  }
}

function tooMany(person: string, { id: deployment, subject }: DeploymentRecord): OwnEasing {
  const sentence = `${person} has more than ${maxOwn} changes open, too many to tell whether any of them is eased.`;
  return { person, deployment, subject, rule: "every rule", sentence };
}

/** Documents begin after those before them, wherever the clock stands; what is written now is in force at this instant. */
async function afterEverything(records: Records, at: Temporal.Instant): Promise<Temporal.Instant> {
  const newest = await records.gates.newestFactAt();
  const next = newest?.add({ milliseconds: 1 });
  return next === undefined || Temporal.Instant.compare(at, next) >= 0 ? at : next;
}

async function judgeAll(
  judge: Judge,
  records: Records,
  own: readonly DeploymentRecord[],
  at: Temporal.Instant,
): Promise<readonly UnderConfiguration[]> {
  const judged: UnderConfiguration[] = [];
  for (const { id, subject } of own) {
    const facts = await records.facts.load({ ...subject, onBehalfOf: id }, at, horizonOf(at));
    judged.push({ facts, verdict: judge(facts) });
  }
  return judged;
}
