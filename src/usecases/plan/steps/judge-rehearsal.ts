import type { JudgeRehearsal } from "#core/plan/action.ts";
import { sayDuration, sayList } from "#core/policy/say.ts";
import { differingTables, digestsIn, type TableDigests } from "#core/rollback/rehearsal.ts";
import type { StepContext, StepDriver, Standing } from "#usecases/plan/steps/driver.ts";
import type { PlanAct } from "#usecases/plan/act-records.ts";
import { keepRehearsal } from "#usecases/rollback/keep-rehearsal.ts";

/**
 * Behind the way back: the rows that were read before and after are compared, and the time from its begin to the second
 * look counts. What does not come as far as this is on record as failed when the run ends (`note-broken-rehearsal.ts`).
 */
export const judgeRehearsal: StepDriver<JudgeRehearsal> = {
  begin: judge,
  look: judge,
  cancel: () => Promise.resolve({ state: "cancelled", outcome: "The run turned back." }),
};

async function judge(context: StepContext<JudgeRehearsal>): Promise<Standing> {
  const { records, run, action, at } = context;
  const steps = await records.runs.steps(run.id);
  const turn = steps.find((step) => step.part === "forward" && step.name === "turn");
  if (turn === undefined) {
    return { state: "done", outcome: "It did not come as far as going back, so there is nothing to compare." };
  }
  const reads = steps.filter(({ part, name }) => part === "rollback" && name.startsWith("data "));
  const isOver = reads.map(({ begunAt }) => begunAt).toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? at;
  const seconds = Math.max(0, isOver.since(turn.begunAt).total("seconds"));
  const acts = await records.acts.ofRun(run.id);
  const before = digestsOf(acts, "forward");
  const after = digestsOf(acts, "rollback");
  const differing = differingTables(before, after);
  const { service, version, digest, former, formerDigest, environment } = action;
  const outcome = differing.length === 0 ? "pass" : "fail";
  const compared = Object.keys(before).toSorted();
  const found = { service, version, digest, former, formerDigest, environment, outcome, compared, differing } as const;
  await keepRehearsal(records, { run: run.id, at, seconds, ...found, reason: null }, run.reason);
  const whole = Math.ceil(seconds);
  // Durations are said in whole minutes; most ways back take less than one.
  const took = whole < 60 ? `${whole} s` : sayDuration(Temporal.Duration.from({ seconds: whole }));
  if (outcome === "pass") {
    const rows = compared.length === 0 ? "" : `; the rows of ${sayList(compared, "and")} are as they were`;
    return { state: "done", outcome: `The way back to ${former} took ${took}${rows}.` };
  }
  const sentence = `Rows of ${sayList(differing, "and")} are not what they were before: the way back to ${former} loses or leaves data.`;
  return { state: "failed", outcome: sentence };
}

function digestsOf(acts: readonly PlanAct[], part: PlanAct["part"]): TableDigests {
  const found: Record<string, string> = {};
  for (const act of acts) {
    if (act.part !== part || act.request.do !== "digest-data") continue;
    Object.assign(found, digestsIn(act.request.database, act.answer?.output?.text ?? ""));
  }
  return found;
}
