import type { ChangeClass } from "#core/catalog/scope.ts";
import type { GuardAction } from "#core/plan/guard.ts";
import { changesTarget, isTargetAction, type TargetAction } from "#core/plan/act.ts";

/*
 * What a step does. A closed set: an unknown kind is refused where the plan is written. Everything survives JSON, because
 * a run is pinned to the plan it began with.
 */

export type StepAction =
  | WaitUntil
  | HumanTask
  | HttpCall
  | SubRelease
  | RollBack
  | Note
  | GuardAction
  | TargetAction
  | TurnBack
  | JudgeRehearsal;

/** Ends by itself: at an instant, or so long after the step began (a soak). */
export interface WaitUntil {
  readonly kind: "wait-until";
  readonly moment:
    | { readonly at: string }
    /** Seconds after the begin of the step. */
    | { readonly after: number };
}

/** A person does something and answers for it (capability I4). */
export interface HumanTask {
  readonly kind: "human-task";
  /** Person, team or role; whoever is asked for by name only is alone in it. */
  readonly who: string;
  readonly instruction: string;
  readonly form: readonly FormField[];
  /** What the step counts as when nobody has answered at its time-out. */
  readonly whenLate: "failed" | "skipped";
  /** Whoever answers shows once more who they are; absent: no. */
  readonly signature?: boolean;
  /** Whether the answer carries files; absent: it may. */
  readonly attachments?: "required" | "none";
}

/** What a step asks of a person; null: nothing. Of a checklist each item, with the place of its evidence. */
export function taskOf(action: StepAction): HumanTask | null {
  if (action.kind === "human-task") return action;
  if (action.kind !== "preflight" || action.who === null) return null;
  const form = action.items.flatMap(({ name, ask }): readonly FormField[] => [
    { name, label: ask, type: "yes-no", required: true },
    { name: `${name}-evidence`, label: `Where it can be seen: ${ask}`, type: "link", required: true },
  ]);
  return { kind: "human-task", who: action.who, instruction: "Answer the checklist.", form, whenLate: "failed" };
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "number" | "yes-no" | "link";
  readonly required: boolean;
}

/** Calls a system that somebody registered for messages; the call carries the key of the step. */
export interface HttpCall {
  readonly kind: "http";
  readonly url: string;
  /** Sent as JSON beside run, step and key. */
  readonly body: Readonly<Record<string, string | number | boolean | null>>;
}

/** A deployment of its own: judged, queued, locked and taken back like every other. */
export interface SubRelease {
  readonly kind: "sub-release";
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly class: ChangeClass;
}

/** Takes the deployment of a sub-release of this run back to the version that was live before it. */
export interface RollBack {
  readonly kind: "roll-back";
  /** Name of a forward step that is a sub-release. */
  readonly step: string;
}

/** A line on the record of the run. */
export interface Note {
  readonly kind: "record";
  readonly text: string;
}

/** Turns the run back on purpose: the rest of a rehearsal is its way back. */
export interface TurnBack {
  readonly kind: "turn-back";
  readonly reason: string;
}

/** Compares what was read before and behind the way back of this run, and puts on record how long it took. */
export interface JudgeRehearsal {
  readonly kind: "judge-rehearsal";
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  /** Version that the run goes back to. */
  readonly former: string;
  readonly formerDigest: string;
  readonly environment: string;
}

/** True where the action changes something outside the run, so that a plan must say how that is taken back. */
export function hasEffect(action: StepAction): boolean {
  if (isTargetAction(action)) return changesTarget(action);
  const { kind } = action;
  return kind === "http" || kind === "sub-release" || kind === "roll-back";
}

/**
 * False only where it is certain that nothing was changed: what failed or was cancelled may have had its effect all the
 * same, and of a person only "done" says that something was.
 */
export function mayHaveChanged(action: StepAction, isDone: boolean): boolean {
  return hasEffect(action) || (action.kind === "human-task" && isDone);
}
