import type { Person } from "#core/catalog/people.ts";
import { consentTo } from "#core/plan/consent.ts";
import { isMeant } from "#core/release/hold.ts";
import type { PlanOperations, QueuePlace, RunKept, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";
import type { KeptDecision } from "#usecases/plan/step-records.ts";
import { onCallOf } from "#usecases/plan/on-call.ts";
import { barredFrom, broughtIn } from "#usecases/plan/run-content.ts";
import { placesOf } from "#usecases/plan/show-queue.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface ShowRunDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/** More names than anybody reads. */
const maxOverseers = 20;

export function makeShowRun(deps: ShowRunDeps): PlanOperations["showRun"] {
  return (id) =>
    deps.transact(async (records) => {
      const run = await records.runs.find(id);
      return run === null ? null : await viewOf(records, run, deps.now());
    });
}

/** As it stands in this transaction, whatever was done since `run` was read. */
export async function viewOf(records: Records, known: PlanRun, now: Temporal.Instant): Promise<RunView> {
  const run = (await records.runs.find(known.id)) ?? known;
  const steps = await records.runs.steps(run.id);
  const queues = new Map<string, readonly QueuePlace[]>();
  for (const step of steps) {
    if (step.state === "queued") queues.set(`${step.part}/${step.name}`, await placesOf(records, step, now));
  }
  const { people, runbooks, wavePlans } = await records.catalog.inForce();
  // A run keeps a name and a digest; of two documents of one name, the one with its digest is meant.
  const isOfWaves = wavePlans.get(run.runbook)?.version === run.version || !runbooks.has(run.runbook);
  const of = isOfWaves && wavePlans.has(run.runbook) ? "wave-plan" : "runbook";
  const kept = await keptOf(records, run, now);
  return {
    run,
    steps,
    queues,
    acts: await records.acts.ofRun(run.id),
    log: await records.runs.log(run),
    newest: (of === "wave-plan" ? wavePlans : runbooks).get(run.runbook)?.version ?? null,
    of,
    overseers: overseersOf(run, people),
    kept: { ...kept, consent: await consentIn(records, run, steps, kept.decisions) },
  };
}

function overseersOf(
  { oversight, owner, startedBy, endedAt }: PlanRun,
  people: ReadonlyMap<string, Person>,
): readonly string[] {
  if (oversight === null || oversight.present !== null || endedAt !== null) return [];
  return [...people.values()]
    .filter((person) => person.name !== owner && person.name !== startedBy && isMeant(oversight.asked, person))
    .map(({ name }) => name)
    .toSorted()
    .slice(0, maxOverseers);
}

/** What whoever is asked for consent has to see; null: nobody is asked now. */
async function consentIn(
  records: Records,
  run: PlanRun,
  begun: readonly RunStep[],
  decided: readonly KeptDecision[],
): Promise<RunKept["consent"]> {
  const { people } = await records.catalog.inForce();
  const approvedBy = new Map<string, readonly string[]>();
  const open = begun.filter(({ part, state }) => part === "forward" && state === "running");
  const asked = run.plan.steps.flatMap(({ name, action }) => {
    const step = open.find((one) => one.name === name);
    return action.kind === "approve" && step !== undefined ? [{ name, action, digest: step.notes?.content ?? "" }] : [];
  });
  if (asked.length === 0) return null;
  const barred = await barredFrom(records, run);
  for (const { name, action, digest } of asked) {
    const own = decided.filter(({ part, step }) => part === "forward" && step === name);
    approvedBy.set(name, consentTo(digest, action, own, barred, people).approvedBy);
  }
  return { barred, approvedBy, brings: await broughtIn(records, run) };
}

async function keptOf(
  records: Records,
  { id, plan, endedAt }: PlanRun,
  now: Temporal.Instant,
): Promise<Omit<RunKept, "consent">> {
  const steps = endedAt === null ? [...plan.steps, ...plan.rollback] : [];
  return {
    decisions: await records.decisions.ofRun(id),
    files: await records.files.ofRun(id),
    onCall: await onCallOf(
      records,
      steps.flatMap(({ contacts }) => contacts ?? []),
      now,
    ),
  };
}
