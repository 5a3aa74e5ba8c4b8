import type { ActAnswer, ActRequest, SeenBefore } from "#core/plan/act-request.ts";
import type { Part } from "#core/plan/plan.ts";

/** What a step does at a target. */
export interface PlanAct {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
  readonly environment: string;
  readonly service: string;
  /** Number of the environment's lock under which it was asked; null: it has not begun. */
  readonly fence: number | null;
  /** Why it has not begun. */
  readonly waitsFor: string | null;
  readonly request: ActRequest;
  readonly before: SeenBefore | null;
  readonly answer: ActAnswer | null;
}

type ActId = Pick<PlanAct, "run" | "part" | "name">;

/** What steps do at targets, in one transaction. */
export interface ActRecords {
  /** What is asked, or why it cannot be yet. Once it has begun, it is final. */
  readonly put: (act: Omit<PlanAct, "before" | "answer">) => Promise<void>;
  readonly find: (step: ActId) => Promise<PlanAct | null>;
  readonly ofRun: (run: string) => Promise<readonly PlanAct[]>;
  /** What was seen first stays; returns it. */
  readonly noteBefore: (step: ActId, seen: SeenBefore) => Promise<SeenBefore>;
  /**
   * Seconds in which 95 of 100 such steps of the runbook's latest runs were done once they had begun to act, so without
   * what they waited for; null where too few are known.
   */
  readonly usualSeconds: (runbook: string, step: Pick<PlanAct, "part" | "name">) => Promise<number | null>;
  /** Once. */
  readonly answer: (step: ActId, answer: ActAnswer) => Promise<void>;
}
