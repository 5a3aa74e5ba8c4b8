import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import { presentTimeline } from "#api/plan/present-timeline.ts";
import { actionsOf, answerAction, type RunAction } from "#api/plan/run-actions.ts";
import { sayRun, sayWait } from "#api/plan/say-run.ts";
import type { run as wireRun, runStep as wireStep, runSummary as wireSummary } from "#contract/plan.ts";
import { presentKept, type Kept } from "#api/plan/present-kept.ts";
import { taskOf, type HumanTask, type StepAction } from "#core/plan/action.ts";
import { sayTargetAction } from "#core/plan/act.ts";
import { columnsOf } from "#core/plan/timing.ts";
import { isGuard, sayGuard } from "#core/plan/guard.ts";
import { parts, stepsOf, type Part, type PlanStep } from "#core/plan/plan.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { QueuePlace, RunLine, RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanAct } from "#usecases/plan/act-records.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";

type WireStep = DeepReadonly<z.input<typeof wireStep>>;

export function presentRun(view: RunView, viewer: Identity): DeepReadonly<z.input<typeof wireRun>> {
  const { run, steps, queues, acts } = view;
  const begun = new Map(steps.map((step) => [`${step.part}/${step.name}`, step]));
  const planned = parts.flatMap((part) => {
    const inPart = stepsOf(run.plan, part);
    const columns = columnsOf(inPart);
    const over = new Set(steps.filter((step) => step.part === part && isOver(step.state)).map(({ name }) => name));
    return inPart.map((step): WireStep => {
      const key = `${part}/${step.name}`;
      const queue = queues.get(key) ?? [];
      const waitsFor = sayWait(run, part, step, begun.get(key), { queue, over });
      const act = presentAct(acts.find((each) => each.part === part && each.name === step.name));
      return {
        ...presentStep(part, step, {
          begun: begun.get(key),
          queue,
          mayAnswer: (who) => answerAction({ who, part }, begun.get(key), view.kept, viewer),
        }),
        ...presentKept(part, step, begun.get(key), view.kept, viewer),
        act,
        waitsFor: begun.get(key)?.state === "running" ? (waitOf(act) ?? waitsFor) : waitsFor,
        column: columns.get(step.name) ?? 0,
      };
    });
  });
  return {
    ...presentSummary(view),
    isNewest: view.newest === run.version,
    of: view.of,
    findings: findingsOf(view),
    actions: actionsOf(view, viewer),
    steps: planned,
    timeline: presentTimeline(view),
  };
}

/** What keeps a step from its target: the lock, or the verdict. */
function waitOf(act: WireStep["act"]): WireStep["waitsFor"] {
  return act === null || act.waitsFor === null ? null : { what: act.waitsFor, until: null, afterwards: null };
}

function isOver(state: RunStep["state"]): boolean {
  return state === "done" || state === "skipped";
}

/** High risk without anybody who looks on: nothing of the way forward changes anything meanwhile. */
function findingsOf({ run, overseers }: RunView): DeepReadonly<z.input<typeof wireRun>["findings"]> {
  const { oversight, endedAt, turned } = run;
  if (oversight === null || oversight.present !== null || endedAt !== null || turned !== null) return [];
  const sentence = `The run is of high risk and nobody of ${oversight.asked} is present, so no step that changes something begins.`;
  const who = overseers.length === 0 ? oversight.asked : overseers.join(", ");
  return [{ code: "overseer-missing", outcome: "hold", sentence, remedies: [{ who, what: "oversee the run" }] }];
}

export function presentSummary({ run, steps }: RunLine): DeepReadonly<z.input<typeof wireSummary>> {
  const { id, runbook, version, reason, owner, startedBy, state, turned, outcome } = run;
  return {
    id,
    runbook,
    version,
    reason,
    owner,
    startedBy,
    state,
    startedAt: run.startedAt.toString(),
    latestRollbackStart: run.turnAt.toString(),
    deadline: run.deadline.toString(),
    turned: turned === null ? null : { ...turned, at: turned.at.toString() },
    overseer: presentOversight(run),
    usual: run.usualSeconds,
    overrun: run.overrun === null ? null : { ...run.overrun, at: run.overrun.at.toString() },
    headline: sayRun(run, steps),
    endedAt: run.endedAt?.toString() ?? null,
    outcome,
  };
}

function presentOversight({ oversight }: PlanRun) {
  if (oversight === null) return null;
  const { asked, present } = oversight;
  return { asked, person: present?.person ?? null, since: present?.since.toString() ?? null };
}

interface Standing {
  readonly begun: RunStep | undefined;
  readonly queue: readonly QueuePlace[];
  readonly mayAnswer: (who: string) => RunAction;
}

function presentStep(
  part: Part,
  step: PlanStep,
  { begun, queue, mayAnswer }: Standing,
): Omit<WireStep, "waitsFor" | "column" | "act" | keyof Kept> {
  const { name, after, action, timeoutSeconds: timeout } = step;
  const task = taskOf(action);
  return {
    part,
    name,
    after,
    kind: action.kind,
    does: sayAction(action),
    timeout,
    state: begun?.state ?? "pending",
    begunAt: begun?.begunAt.toString() ?? null,
    deadline: begun?.deadline.toString() ?? null,
    endedAt: begun?.endedAt?.toString() ?? null,
    outcome: begun?.outcome ?? null,
    deployment: begun?.deployment ?? null,
    release: releaseOf(action),
    task: task === null ? null : presentTask(task, mayAnswer(task.who)),
    answer: begun?.answer ?? null,
    uses: step.uses,
    queue: queue.map(presentPlace),
  };
}

function releaseOf(action: StepAction): WireStep["release"] {
  if (action.kind !== "sub-release") return null;
  const { service, version, environment } = action;
  return { service, version, environment };
}

function presentTask(action: HumanTask, answer: RunAction) {
  const { who, form, whenLate, signature, attachments } = action;
  const asked = { who, form, whenLate, signature: signature === true, attachments: attachments ?? "optional" } as const;
  return { ...asked, answer };
}

function presentAct(act: PlanAct | undefined): WireStep["act"] {
  if (act === undefined) return null;
  const { environment, service, fence, waitsFor, answer } = act;
  return { environment, service, fence, waitsFor, output: answer?.output ?? null };
}

function presentPlace({ holders, expected, ...place }: QueuePlace): WireStep["queue"][number] {
  return {
    ...place,
    holders: holders.map((holder) => ({ ...holder, until: holder.until?.toString() ?? null })),
    expected: expected === null ? null : { from: expected.from.toString(), to: expected.to.toString() },
  };
}

export function sayAction(action: StepAction): string {
  if (isGuard(action)) return sayGuard(action);
  switch (action.kind) {
    case "wait-until":
      return "at" in action.moment ? `Wait until ${action.moment.at}.` : `Let ${action.moment.after} s pass.`;
    case "human-task":
      return action.instruction;
    case "http":
      return `Call ${action.url}.`;
    case "sub-release":
      return `Deploy ${action.service}@${action.version} to ${action.environment}.`;
    case "roll-back":
      return `Take the release of ${action.step} back.`;
    case "record":
      return action.text;
    case "turn-back":
      return "Turn the run back, on purpose.";
    case "judge-rehearsal":
      return `Compare what was read before and after, and keep how long the way back to ${action.service}@${action.former} took.`;
    case "shell":
    case "start-version":
    case "stop-version":
    case "shift-traffic":
    case "traffic-back":
    case "observe":
    case "smoke":
    case "digest-data":
    case "migrate-schema":
    case "flag":
    case "flag-back":
      return sayTargetAction(action);
  }
}
