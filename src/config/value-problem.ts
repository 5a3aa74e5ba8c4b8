import type { ProblemCode } from "#config/problem.ts";

/** What a check of one value found; the kind adds the field and the place. */
export interface ValueProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
  /** Characters into the text. */
  readonly offset?: number;
}
