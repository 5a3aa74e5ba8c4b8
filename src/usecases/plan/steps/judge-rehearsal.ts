import type { JudgeRehearsal } from "#core/plan/action.ts";
import { sayDuration, sayList } from "#core/policy/say.ts";
import { differingTables, digestsIn, rehearsal, rehearsalSource, type TableDigests } from "#core/rollback/rehearsal.ts";
import { systemActor } from "#usecases/records.ts";
import type { StepContext, StepDriver, Standing } from "#usecases/plan/steps/driver.ts";
import type { PlanAct } from "#usecases/plan/act-records.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

/**
 * Behind the way back: the rows that were read before and after are compared, and the time from its begin to the second
 * look counts. Evidence is written for what came to its end only; a run that failed before it turned has shown nothing.
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
    return { state: "done", outcome: "It did not come as far as going back, so nothing was rehearsed." };
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
  await keep(context, { run: run.id, at, seconds, ...found });
  const took = sayDuration(Temporal.Duration.from({ seconds: Math.ceil(seconds) }));
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

async function keep({ records, run }: StepContext<JudgeRehearsal>, found: Rehearsal): Promise<void> {
  await records.rehearsals.insert(found);
  const evidence = {
    digest: found.digest,
    kind: rehearsal,
    outcome: found.outcome,
    value: Math.ceil(found.seconds),
    ruleSet: null,
    source: rehearsalSource(found.former),
    by: systemActor.account,
    at: found.at,
    ref: run.id,
  } as const;
  await records.reports.insert({
    id: records.rehearsals.newReportId(),
    report: { kind: "evidence", record: evidence },
    receivedAt: found.at,
    by: systemActor.person,
    account: systemActor.account,
  });
  await records.reports.wake({ services: null, environments: [], digest: found.digest }, found.at);
  await records.audit.append({
    at: found.at,
    actor: systemActor,
    action: "rollback.rehearse",
    object: run.id,
    outcome: found.outcome,
    reason: run.reason,
    verdict: null,
    requestId: null,
    before: null,
    after: { ...found, at: found.at.toString() },
  });
}
