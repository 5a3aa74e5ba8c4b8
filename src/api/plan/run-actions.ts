import { can } from "#core/access/can.ts";
import type { Permission } from "#core/access/permission.ts";
import { isMeant } from "#core/release/hold.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { RunView } from "#usecases/plan/plan-operations.ts";
import type { PlanRun, RunStep } from "#usecases/plan/plan-records.ts";

export interface RunAction {
  readonly name: string;
  readonly allowed: boolean;
  readonly because: string;
}

/** What the viewer may do with the run now, and if not, why not. */
export function actionsOf({ run }: RunView, viewer: Identity): readonly RunAction[] {
  const over = run.endedAt === null ? null : "The run has ended.";
  const turning = run.turned === null ? null : "It is on its way back already.";
  return [
    allowed("turn-back", viewer, "run.change", over ?? turning),
    allowed("hand-over", viewer, "run.change", over),
    ...(run.oversight === null ? [] : [allowed("oversee", viewer, "task.answer", over ?? whyNotOversee(run, viewer))]),
    ...(run.oversight?.present?.person === viewer.person.name ? [allowed("leave", viewer, "task.answer", over)] : []),
    allowed("note", viewer, "task.answer", null),
  ];
}

/** Whether the viewer may answer a step that asks for somebody. */
export function answerAction(who: string, begun: RunStep | undefined, viewer: Identity): RunAction {
  const why =
    begun === undefined
      ? "It has not begun."
      : begun.state === "queued"
        ? "It waits for its turn."
        : begun.state !== "running"
          ? "It has ended; its answer is final."
          : isMeant(who, viewer.person)
            ? null
            : `It asks ${who}.`;
  return allowed("answer", viewer, "task.answer", why);
}

export function allowed(name: string, viewer: Identity, permission: Permission, whyNot: string | null): RunAction {
  if (whyNot !== null) return { name, allowed: false, because: whyNot };
  const answer = can({ person: viewer.person, actor: viewer.actor }, permission);
  return { name, allowed: answer.allowed, because: answer.because.join(" ") };
}

function whyNotOversee({ oversight, owner }: PlanRun, { person }: Identity): string | null {
  if (oversight === null) return "It asks for no overseer.";
  if (oversight.present?.person === person.name) return "You oversee it already.";
  if (!isMeant(oversight.asked, person)) return `It asks for ${oversight.asked}.`;
  return owner === person.name ? "You own it; owner and overseer are two persons." : null;
}
