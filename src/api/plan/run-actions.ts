import { can } from "#core/access/can.ts";
import type { Permission } from "#core/access/permission.ts";
import type { Person } from "#core/catalog/people.ts";
import { hasApproved, whyNoConsent } from "#core/plan/consent.ts";
import type { Approve } from "#core/plan/guard.ts";
import type { Part } from "#core/plan/plan.ts";
import { isMeant } from "#core/release/hold.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { RunKept, RunView } from "#usecases/plan/plan-operations.ts";
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
export function answerAction(
  { who, part }: { readonly who: string; readonly part: Part },
  begun: RunStep | undefined,
  { decisions }: RunKept,
  viewer: Identity,
): RunAction {
  return allowed("answer", viewer, "task.answer", whyClosed(begun) ?? whyNotAnswer());

  function whyNotAnswer(): string | null {
    if (begun?.notes?.answered !== undefined) return "It is answered; its targets are being looked at.";
    if (!isMeant(who, viewer.person)) return `It asks ${who}.`;
    if (part !== "forward" || !hasApproved(viewer.person.name, decisions, alone(viewer))) return null;
    return "You approved what the run does; somebody who did not has to answer.";
  }
}

/** Whether the viewer may decide on what the run is going to do. */
export function decideAction(
  action: Approve,
  begun: RunStep | undefined,
  { decisions, consent }: RunKept,
  viewer: Identity,
): RunAction {
  const { name } = viewer.person;
  return allowed("decide", viewer, "approval.decide", whyClosed(begun) ?? whyNotDecide());

  function whyNotDecide(): string | null {
    if (consent === null) return "It asks for no consent now.";
    const why = whyNoConsent(action, name, consent.barred, alone(viewer));
    if (why !== null) return noConsent[why];
    const isDecided = decisions.some(
      ({ person, step, contentDigest }) =>
        person === name && step === begun?.name && contentDigest === begun.notes?.content,
    );
    return isDecided ? "Your decision on this content is on record and final." : null;
  }
}

const noConsent: Readonly<Record<NonNullable<ReturnType<typeof whyNoConsent>>, string>> = {
  "own-request": "You started this run, or answer for it. Another person must decide.",
  "own-work": "You brought this runbook, or made what it releases. Another person must decide.",
  "own-answer": "You answered a step of this run and so carry it out. Somebody who did not must decide.",
  "not-entitled": "It asks for other people.",
};

/** A directory of the viewer alone is enough to know their accounts; every other name stands for itself. */
function alone({ person }: Identity): ReadonlyMap<string, Person> {
  return new Map([[person.name, person]]);
}

/** Null while it waits for people. */
function whyClosed(begun: RunStep | undefined): string | null {
  if (begun === undefined) return "It has not begun.";
  if (begun.state === "queued") return "It waits for its turn.";
  return begun.state === "running" ? null : "It has ended; what was said is final.";
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
