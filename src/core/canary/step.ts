/**
 * What both arms did in one step (a second, or any time between two looks): increments, never sums. `trials` are requests
 * for a rate and exposure (seconds, machines, orders) for a count; `events` are whole numbers, of a rate at most `trials`.
 */
export interface Step {
  readonly controlTrials: number;
  readonly controlEvents: number;
  readonly canaryTrials: number;
  readonly canaryEvents: number;
}

/** `rate`: each trial is an event or not · `count`: a trial may have any number of events (Poisson with an exposure). */
export type Law = "rate" | "count";

export const emptyStep: Step = { controlTrials: 0, controlEvents: 0, canaryTrials: 0, canaryEvents: 0 };

/** Events in one step beyond this are a unit mistake; the sums below are loops of this length. */
export const maxEventsInStep = 1_000_000;

/** Without events, or with one arm silent, a step says nothing about the ratio of the arms. */
export function isTelling({ controlTrials, controlEvents, canaryTrials, canaryEvents }: Step): boolean {
  return controlEvents + canaryEvents > 0 && controlTrials > 0 && canaryTrials > 0;
}

export function addSteps(a: Step, b: Step): Step {
  return {
    controlTrials: a.controlTrials + b.controlTrials,
    controlEvents: a.controlEvents + b.controlEvents,
    canaryTrials: a.canaryTrials + b.canaryTrials,
    canaryEvents: a.canaryEvents + b.canaryEvents,
  };
}

/** The same step asked the other way round: for metrics of which less is worse. */
export function swapArms(step: Step): Step {
  return {
    controlTrials: step.canaryTrials,
    controlEvents: step.canaryEvents,
    canaryTrials: step.controlTrials,
    canaryEvents: step.controlEvents,
  };
}

/** Null for a step that can be; otherwise what is wrong with it, in words that a person can act on. */
export function faultOf(step: Step, law: Law): string | null {
  const { controlTrials, controlEvents, canaryTrials, canaryEvents } = step;
  const all = [controlTrials, controlEvents, canaryTrials, canaryEvents];
  if (!all.every(Number.isFinite)) return "a value is not a number";
  if (all.some((value) => value < 0)) return "a value is below zero; increments are expected, not sums of a counter";
  if (!Number.isInteger(controlEvents) || !Number.isInteger(canaryEvents)) return "events are not whole numbers";
  if (controlEvents + canaryEvents > maxEventsInStep) return `more than ${maxEventsInStep} events in one step`;
  if (law === "count") {
    const isUnexposed = (controlTrials === 0 && controlEvents > 0) || (canaryTrials === 0 && canaryEvents > 0);
    return isUnexposed ? "events without any exposure" : null;
  }
  if (!Number.isInteger(controlTrials) || !Number.isInteger(canaryTrials)) return "requests are not whole numbers";
  return controlEvents > controlTrials || canaryEvents > canaryTrials ? "more events than requests" : null;
}
