import { taskOf } from "#core/plan/action.ts";
import { consentTo, hasApproved, whyNoConsent } from "#core/plan/consent.ts";
import type { Approve } from "#core/plan/guard.ts";
import { stepsOf } from "#core/plan/plan.ts";
import { barredFrom, contentOfRun } from "#usecases/plan/run-content.ts";
import type { PlanOperations, TaskStep } from "#usecases/plan/plan-operations.ts";
import type { AskingStep } from "#usecases/plan/plan-records.ts";
import type { DigestOf } from "#usecases/release/content.ts";
import type { Records, Transact } from "#usecases/records.ts";

/** More than one person can answer in a day; the most urgent are shown. */
const maxTasks = 100;

export interface ListTasksDeps {
  readonly transact: Transact;
  readonly digestOf: DigestOf;
}

/**
 * Steps that ask this person, a team or a role of theirs, and runs that miss an overseer whom they could be. Only what
 * they may do is listed: neither consent to what is theirs, nor an answer to what they have approved.
 */
export function makeListTasks(deps: ListTasksDeps): PlanOperations["listTasks"] {
  return ({ name, teams, roles }) =>
    deps.transact(async (records) => {
      const { runs } = records;
      const names = [name, ...teams, ...roles];
      const steps: TaskStep[] = [];
      for (const asking of await runs.asking(names, maxTasks)) {
        const step = await taskFor(deps, records, asking, name);
        if (step !== null) steps.push(step);
      }
      const unseen = await runs.unseen(names, maxTasks);
      return { steps, unseen: unseen.filter(({ owner, startedBy }) => owner !== name && startedBy !== name) };
    });
}

/** Null where there is nothing that this person may do now. */
async function taskFor(
  deps: ListTasksDeps,
  records: Records,
  asking: AskingStep,
  person: string,
): Promise<TaskStep | null> {
  const { run, step } = asking;
  const planned = stepsOf(run.plan, step.part);
  const action = planned.find(({ name }) => name === step.name)?.action;
  if (action?.kind === "approve") return await consentFor(deps, records, asking, action, person);
  if (action === undefined || taskOf(action) === null || step.notes?.answered !== undefined) return null;
  if (step.part === "forward" && planned.some((one) => one.action.kind === "approve")) {
    const { people } = await records.catalog.inForce();
    if (hasApproved(person, await records.decisions.ofRun(run.id), people)) return null;
  }
  return { ...asking, consent: null };
}

async function consentFor(
  deps: ListTasksDeps,
  records: Records,
  asking: AskingStep,
  action: Approve,
  person: string,
): Promise<TaskStep | null> {
  const { run, step } = asking;
  const { people } = await records.catalog.inForce();
  const barred = await barredFrom(records, run);
  if (whyNoConsent(action, person, barred, people) !== null) return null;
  const content = await contentOfRun(deps, records, run);
  const decided = await records.decisions.ofRun(run.id);
  const own = decided.filter((one) => one.part === step.part && one.step === step.name);
  if (own.some((one) => one.person === person && one.contentDigest === content.digest)) return null;
  const { approvedBy } = consentTo(content.digest, action, own, barred, people);
  return { ...asking, consent: { ...content, approvedBy } };
}
