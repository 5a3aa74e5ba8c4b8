import { isFailure } from "#core/plan/advance.ts";
import { heldSteps } from "#core/plan/oversight.ts";
import type { Part, PlanStep } from "#core/plan/plan.ts";
import type { QueuePlace } from "#usecases/plan/plan-operations.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";

/** More names in one sentence are a list, which the page of the run shows. */
const maxNames = 3;

export interface Wait {
  readonly what: string;
  readonly until: string | null;
  /** What happens at that instant; null: it begins, or nobody knows. */
  readonly afterwards: string | null;
}

type Standing = Pick<RunStep, "part" | "name" | "state" | "outcome">;

/** One sentence for lists and headings: what the run does, what it waits for, or how it ended. */
export function sayRun(run: PlanRun, steps: readonly Standing[]): string {
  if (run.outcome !== null) return run.outcome;
  const underWay = steps.filter(({ state }) => state === "running" || state === "queued");
  const doing = sayNames(underWay.map(({ name, state }) => (state === "queued" ? `${name} (in a queue)` : name)));
  if (run.turned !== null) return `On its way back: ${doing}. ${run.turned.by}: ${run.turned.reason}`;
  const failed = steps.find(({ part, state }) => part === "forward" && isFailure(state));
  if (failed !== undefined) return `On its way back: ${doing}. ${failed.name} failed: ${failed.outcome ?? ""}`;
  if (underWay.length > 0) return `Under way: ${doing}.`;
  return run.oversight?.present === null ? `Waits for an overseer: ${run.oversight.asked}.` : "Under way.";
}

function sayNames(names: readonly string[]): string {
  if (names.length === 0) return "nothing is under way";
  const shown = names.slice(0, maxNames).join(", ");
  return names.length <= maxNames ? shown : `${shown} and ${names.length - maxNames} more`;
}

/** What a step waits for; null where it is over, or never comes. */
export function sayWait(
  run: PlanRun,
  part: Part,
  step: PlanStep,
  begun: RunStep | undefined,
  given: { readonly queue: readonly QueuePlace[]; readonly over: ReadonlySet<string> },
): Wait | null {
  if (begun === undefined) {
    return run.endedAt === null
      ? { what: sayPending(run, part, step, given.over), until: null, afterwards: null }
      : null;
  }
  if (begun.state === "queued") return sayQueue(given.queue);
  if (begun.state !== "running") return null;
  const waits = begun.notes?.waits;
  if (waits !== undefined && waits.because.length > 0) {
    return { what: waits.because.join(" "), until: waits.until, afterwards: null };
  }
  const { action } = step;
  const until = begun.deadline.toString();
  if (action.kind === "wait-until") {
    return { what: "The clock.", until: begun.lookAt?.toString() ?? until, afterwards: "It is done." };
  }
  if (action.kind === "human-task") {
    return { what: `An answer of ${action.who}.`, until, afterwards: `It counts as ${action.whenLate}.` };
  }
  if (action.kind === "approve") {
    const who = [...action.roles, ...action.teams].join(", ");
    const many = action.approvals === 1 ? "Consent" : `Consent of ${action.approvals} persons`;
    return { what: `${many} of ${who}.`, until, afterwards: "Without it the step is refused: silence is no consent." };
  }
  if (action.kind === "preflight") {
    const isAsked = action.who !== null && begun.notes?.answered === undefined;
    return {
      what: isAsked ? `An answer of ${action.who ?? ""}.` : "What its targets and reports show.",
      until,
      afterwards: "It is refused before anything is touched.",
    };
  }
  if (action.kind === "http") {
    return { what: `An answer of ${new URL(action.url).host}.`, until, afterwards: "It counts as failed." };
  }
  return begun.deployment === null
    ? { what: "Its end.", until, afterwards: "It counts as failed." }
    : { what: "The end of its deployment.", until, afterwards: "The deployment is aborted." };
}

function sayPending(run: PlanRun, part: Part, step: PlanStep, over: ReadonlySet<string>): string {
  if (part !== "forward") return "A way back: it comes only if one is needed.";
  if (run.turned !== null) return "Nothing: the run is on its way back.";
  const open = step.after.filter((name) => !over.has(name));
  if (open.length > 0) return `The end of ${open.join(", ")}.`;
  if (heldSteps(run.plan, run.oversight).has(step.name)) return `An overseer: ${run.oversight?.asked ?? ""}.`;
  return "Room: as many steps as may go at once are under way.";
}

function sayQueue(queue: readonly QueuePlace[]): Wait {
  const places = queue.map(({ resource, position }) => `place ${position} for ${resource}`);
  return {
    what: places.length === 0 ? "Its turn has come." : `Its turn: ${places.join(", ")}.`,
    until: null,
    afterwards: null,
  };
}
