import { isFailure } from "#core/plan/advance.ts";
import { heldSteps } from "#core/plan/oversight.ts";
import type { Part, PlanStep } from "#core/plan/plan.ts";
import type { QueuePlace } from "#usecases/plan/plan-operations.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";

/** More names in one sentence are a list, which the page of the run shows. */
const maxNames = 3;

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

/** What a step waits for, one sentence; null where it is over, or never comes. */
export function sayWait(
  run: PlanRun,
  part: Part,
  step: PlanStep,
  begun: RunStep | undefined,
  given: { readonly queue: readonly QueuePlace[]; readonly over: ReadonlySet<string> },
): string | null {
  if (begun === undefined) return run.endedAt === null ? sayPending(run, part, step, given.over) : null;
  const until = begun.deadline.toString();
  if (begun.state === "queued")
    return given.queue.length === 0 ? "Its turn has come." : given.queue.map(sayPlace).join(" ");
  if (begun.state !== "running") return null;
  const { action } = step;
  const waits = begun.notes?.waits;
  if (waits !== undefined && waits.because.length > 0) {
    return `${waits.because.join(" ")}${waits.until === null ? "" : ` Until ${waits.until}.`}`;
  }
  if (action.kind === "wait-until") return `The clock: until ${begun.lookAt?.toString() ?? until}.`;
  if (action.kind === "human-task") return `${action.who}, until ${until}; then it counts as ${action.whenLate}.`;
  if (action.kind === "http") {
    return `An answer of ${new URL(action.url).host}, until ${until}; then it counts as failed.`;
  }
  return begun.deployment === null
    ? `Its end, until ${until} at the latest.`
    : `The end of its deployment; aborted at ${until}.`;
}

function sayPending(run: PlanRun, part: Part, step: PlanStep, over: ReadonlySet<string>): string {
  if (part !== "forward") return "A way back: only if one is needed.";
  const open = step.after.filter((name) => !over.has(name));
  if (run.turned !== null) return "Nothing: the run is on its way back.";
  if (open.length > 0) return `Other steps: ${open.join(", ")}.`;
  if (heldSteps(run.plan, run.oversight).has(step.name)) return `An overseer: ${run.oversight?.asked ?? ""}.`;
  return "Room: as many steps as may go at once are under way.";
}

function sayPlace({ resource, position, holders, expected }: QueuePlace): string {
  const held = holders.map(({ run, name }) => `${name} of ${run}`).join(", ");
  const begins =
    expected === null ? "" : ` It may begin between ${expected.from.toString()} and ${expected.to.toString()}.`;
  return `${resource}: place ${position} in the queue${held === "" ? "" : ` behind ${held}`}.${begins}`;
}
