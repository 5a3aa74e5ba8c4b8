import { mayHaveChanged } from "#core/plan/action.ts";
import { stepsOf, type Part, type Plan, type PlanStep } from "#core/plan/plan.ts";

/*
 * What comes next in a run: a function of the plan and of what is on record, so every worker that looks comes to the
 * same answer, after a crash too. It never waits and has no memory.
 */

/**
 * Of a step that has begun. `refused`: failed before anything was touched, so there is nothing to undo. `cancelled`: it was
 * under way when the run turned back, and did not come to its end. `queued`: waits for what others use.
 */
export const stepStates = ["queued", "running", "done", "skipped", "failed", "refused", "cancelled"] as const;
export type StepState = (typeof stepStates)[number];

export interface StepMark {
  readonly part: Part;
  readonly name: string;
  readonly state: StepState;
}

export interface StepId {
  readonly part: Part;
  readonly name: string;
}

/** How a run ends. `needs-human`: the way back itself failed, so somebody has to look at what is there. */
export const runEnds = ["succeeded", "failed", "aborted", "rolled-back", "needs-human"] as const;
export type RunEnd = (typeof runEnds)[number];

export interface Next {
  /** In the order of the plan. */
  readonly start: readonly StepId[];
  /** Under way although the run turns back; whatever can end without harm ends. */
  readonly cancel: readonly StepId[];
  readonly end: RunEnd | null;
}

/**
 * The next moves of a run. The forward part goes on until a step fails or somebody aborts; then nothing new begins, what
 * is under way comes to its end or is cancelled, what was done is undone against its order, and the rollback part
 * follows. A run that changed nothing ends as `failed` or `aborted` without a way back. `held` names steps of the forward
 * part that may not begin now; they keep nobody else from it.
 */
export function nextOf(
  plan: Plan,
  marks: readonly StepMark[],
  isAborted: boolean,
  held: ReadonlySet<string> = new Set(),
): Next {
  const of = (part: Part) => new Map(marks.filter((mark) => mark.part === part).map((mark) => [mark.name, mark.state]));
  const forward = of("forward");
  const states = [...forward.values()];
  const hasFailed = states.some(isFailure);
  if (!hasFailed && !isAborted) {
    const moved = begin(plan, "forward", forward, { held });
    return moved.isOver ? nothing("succeeded") : { ...nothing(null), start: moved.start };
  }
  const underWay = idsUnderWay("forward", forward);
  if (underWay.length > 0) return { ...nothing(null), cancel: underWay };
  return wayBack(plan, forward, of("undo"), of("rollback"), hasFailed ? "failed" : "aborted");
}

type Marks = ReadonlyMap<string, StepState>;

function wayBack(plan: Plan, forward: Marks, undo: Marks, rollback: Marks, because: "failed" | "aborted"): Next {
  const touched = new Set(
    plan.steps
      .filter(({ name, action }) => {
        const state = forward.get(name);
        return state !== undefined && !isUntouched(state) && mayHaveChanged(action, state === "done");
      })
      .map(({ name }) => name),
  );
  if (touched.size === 0) return nothing(because);
  for (const [part, marks] of [
    ["undo", undo],
    ["rollback", rollback],
  ] as const) {
    const states = [...marks.values()];
    if (states.some(isFailure)) {
      return states.some(isUnderWay) ? nothing(null) : nothing("needs-human");
    }
    const moved = begin(plan, part, marks, part === "undo" ? { among: (step) => touched.has(step.name) } : {});
    if (!moved.isOver) return { ...nothing(null), start: moved.start };
  }
  return nothing(because === "aborted" ? "aborted" : "rolled-back");
}

/** The steps of a part whose needs are over, as many as the limit leaves room for. */
function begin(
  plan: Plan,
  part: Part,
  marks: Marks,
  given: { readonly among?: (step: PlanStep) => boolean; readonly held?: ReadonlySet<string> },
): { readonly start: readonly StepId[]; readonly isOver: boolean } {
  const { among = () => true, held } = given;
  const steps = stepsOf(plan, part).filter(among);
  const names = new Set(steps.map(({ name }) => name));
  const isOver = (name: string): boolean => !names.has(name) || isDone(marks.get(name));
  const underWay = [...marks.values()].filter((state) => state === "running").length;
  const ready = steps.filter(
    (step) => !marks.has(step.name) && held?.has(step.name) !== true && step.after.every(isOver),
  );
  return {
    start: ready.slice(0, Math.max(0, plan.parallel - underWay)).map(({ name }) => ({ part, name })),
    isOver: steps.every(({ name }) => isDone(marks.get(name))),
  };
}

/** The step has failed, with or without an effect. */
export function isFailure(state: StepState): boolean {
  return state === "failed" || state === "refused";
}

function isUntouched(state: StepState): boolean {
  return state === "skipped" || state === "refused";
}

function isDone(state: StepState | undefined): boolean {
  return state === "done" || state === "skipped";
}

/** Waits for its turn, or does its work. */
export function isUnderWay(state: StepState): boolean {
  return state === "queued" || state === "running";
}

function idsUnderWay(part: Part, marks: Marks): readonly StepId[] {
  return [...marks].flatMap(([name, state]) => (isUnderWay(state) ? [{ part, name }] : []));
}

function nothing(end: RunEnd | null): Next {
  return { start: [], cancel: [], end };
}
