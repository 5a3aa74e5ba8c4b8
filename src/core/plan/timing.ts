import { stepsOf, type Part, type Plan, type PlanStep } from "#core/plan/plan.ts";
import { widthOf } from "#core/plan/width.ts";

export interface LongestPath {
  /** The longest that the graph takes: the sum along the path, and what steps that have to wait for a place add. */
  readonly seconds: number;
  /** The part of it that is there for want of places only. */
  readonly crowdedSeconds: number;
  /** In the order of execution. */
  readonly names: readonly string[];
}

/**
 * The longest that a graph without cycles takes when at most `parallel` of its steps go at once and no place stays empty
 * while a step could go. Where all that can meet have a place, that is the sum along the path. Otherwise it is at most
 * that sum and a fair share of the work beside the path (R. L. Graham, Bounds on multiprocessing timing anomalies, 1969).
 */
function longestRun(steps: readonly PlanStep[], parallel: number, secondsOf: (step: PlanStep) => number): LongestPath {
  const path = longestPath(steps, secondsOf);
  if (steps.length <= parallel || widthOf(steps) <= parallel) return path;
  const beside = steps.reduce((sum, step) => sum + secondsOf(step), 0) - path.seconds;
  const crowdedSeconds = Math.ceil(beside / parallel);
  return { ...path, seconds: path.seconds + crowdedSeconds, crowdedSeconds };
}

/** The longest way through a graph without cycles, by what `secondsOf` says of each step; the first of several. */
function longestPath(steps: readonly PlanStep[], secondsOf: (step: PlanStep) => number): LongestPath {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const known = new Map<string, LongestPath>();
  const none: LongestPath = { seconds: 0, crowdedSeconds: 0, names: [] };
  const best = (names: readonly string[]): LongestPath =>
    names.reduce((longest, name) => {
      const path = pathTo(name);
      return path.seconds > longest.seconds ? path : longest;
    }, none);
  const pathTo = (name: string): LongestPath => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const step = byName.get(name);
    if (step === undefined) return none;
    const before = best(step.after);
    const path = { ...before, seconds: before.seconds + secondsOf(step), names: [...before.names, name] };
    known.set(name, path);
    return path;
  };
  return best(steps.map(({ name }) => name));
}

/**
 * The longest way behind a step, by what `secondsOf` says of each. It ends where another step waits for a window of its
 * own: what comes behind that has another one.
 */
export function pathBehind(plan: Plan, part: Part, name: string, secondsOf: (step: PlanStep) => number): LongestPath {
  const steps = stepsOf(plan, part);
  const found = new Map<string, PlanStep>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const before = next;
    for (const step of steps) {
      if (found.has(step.name) || !step.after.includes(before) || step.action.kind === "wait-for-window") continue;
      found.set(step.name, step);
      open.push(step.name);
    }
  }
  return longestRun([...found.values()], plan.parallel, secondsOf);
}

/** The longest way back: undo, then rollback, by what each step may take. In seconds. */
export function wayBackSeconds(plan: Plan): number {
  return pathOf(plan, "undo").seconds + pathOf(plan, "rollback").seconds;
}

/** The longest that a part takes by the time-outs of its steps, and the path that it takes longest for. */
export function pathOf(plan: Plan, part: Part): LongestPath {
  return longestRun(stepsOf(plan, part), plan.parallel, ({ timeoutSeconds }) => timeoutSeconds);
}

/**
 * The last instant at which the way back can begin and still be over in time: the end of the run's time less the longest
 * way back (capability I7).
 */
export function latestRollbackStart(plan: Plan, begunAt: Temporal.Instant): Temporal.Instant {
  return begunAt.add({ seconds: plan.withinSeconds - wayBackSeconds(plan) });
}

/** How many steps lie before each on the longest way to it: where a picture of the graph draws it. */
export function columnsOf(steps: readonly PlanStep[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  // Each turn settles a column at least: a step is in the first behind all that it needs.
  for (let turns = 0; turns < steps.length && columns.size < steps.length; turns++) {
    for (const { name, after } of steps) {
      const before = after.map((need) => columns.get(need));
      if (columns.has(name) || before.includes(undefined)) continue;
      columns.set(name, 1 + Math.max(-1, ...before.map((column) => column ?? 0)));
    }
  }
  return columns;
}
