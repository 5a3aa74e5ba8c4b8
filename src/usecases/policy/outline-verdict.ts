import { outline } from "#core/policy/outline.ts";
import type { Rule } from "#core/policy/rule.ts";
import { err, ok } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Operations } from "#usecases/operations.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { Transact } from "#usecases/records.ts";

/** A fortnight shows the next windows of every usual calendar, and single hours can still be told apart. */
export const usualReachDays = 14;

export interface OutlineVerdictDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judge: Judge;
  readonly rules: readonly Rule[];
}

/** For pictures: reads the facts as a question does, and stores nothing. */
export function makeOutlineVerdict(deps: OutlineVerdictDeps): Operations["outlineVerdict"] {
  return async ({ subject, at, to }) => {
    const from = at ?? deps.now();
    const end = to ?? from.add({ hours: usualReachDays * 24 });
    if (!isBefore(from, end)) return err("empty-span");
    const facts = await deps.transact((records) => records.facts.load(subject, from, horizonOf(from)));
    const { openings } = deps.judge(facts);
    return ok({ ...outline(deps.rules, facts, end), openings });
  };
}
