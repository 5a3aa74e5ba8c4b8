import { consentTo } from "#core/plan/consent.ts";
import type { Approve } from "#core/plan/guard.ts";
import { behind, stepsOf } from "#core/plan/plan.ts";
import { isBefore } from "#core/span.ts";
import { barredFrom, contentOfRun } from "#usecases/plan/run-content.ts";
import type { Standing, StepContext, StepDriver } from "#usecases/plan/steps/driver.ts";

/**
 * Waits for decisions (`decide-step.ts`), which end it. Without enough of them at the time-out it is refused: nobody's
 * silence is consent.
 */
export const approve: StepDriver<Approve> = {
  begin: async (context) => await asking(context),
  look: async (context) => {
    if (isBefore(context.at, context.deadline)) return await asking(context);
    const { deps, records, run, part, step, action } = context;
    const { digest } = await contentOfRun(deps, records, run);
    const barred = await barredFrom(records, run);
    const own = (await records.decisions.ofRun(run.id)).filter((one) => one.part === part && one.step === step.name);
    const { approvedBy } = consentTo(digest, action, own, barred, (await records.catalog.inForce()).people);
    const outcome = `${approvedBy.length} of ${action.approvals} approvals were there in time.`;
    return { state: "refused", outcome };
  },
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back before it was approved." }),
};

async function asking({ deps, records, run, deadline }: StepContext<Approve>): Promise<Standing> {
  const { digest } = await contentOfRun(deps, records, run);
  return { state: "running", lookAt: deadline, notes: { content: digest } };
}

/**
 * Why a step may not begin although what it comes behind was approved: what would run now is not what people have seen
 * (semantics §4). Null when nothing speaks against it.
 */
export async function voidedConsent({ deps, records, run, part, step }: StepContext): Promise<string | null> {
  if (part !== "forward") return null;
  const asked = stepsOf(run.plan, part).filter(({ action }) => action.kind === "approve");
  if (asked.length === 0) return null;
  const before = behind(run.plan.steps, step.name);
  const begun = await records.runs.steps(run.id);
  const given = asked.flatMap(({ name }) =>
    before.has(name) ? begun.filter((one) => one.part === part && one.name === name && one.state === "done") : [],
  );
  if (given.length === 0) return null;
  const { digest } = await contentOfRun(deps, records, run);
  const stale = given.find(({ notes }) => notes?.content !== digest);
  if (stale === undefined) return null;
  return `What would run is no longer what was approved in ${stale.name}. Look at it and start anew.`;
}
