import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";

/** All rules over the facts: the one function behind every gate (semantics §3.6). Bound in `main/compose`. */
export type Judge = (facts: Facts) => Verdict;

/**
 * How far timelines reach. 60 days hold every opening that anybody plans for by hand, and at least one occurrence of
 * a monthly window with a holiday in the way.
 */
export const horizonDays = 60;

export function horizonOf(at: Temporal.Instant): Temporal.Instant {
  return at.add({ hours: horizonDays * 24 });
}

export interface AskVerdictDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judge: Judge;
}

/** Answers a question about now or another instant. It changes nothing; the answer is stored like every verdict. */
export function makeAskVerdict(deps: AskVerdictDeps): Operations["askVerdict"] {
  return ({ subject, at }) =>
    deps.transact(async (records) => {
      const instant = at ?? deps.now();
      const facts = await records.facts.load(subject, instant, horizonOf(instant));
      const verdict = deps.judge(facts);
      await records.verdicts.save(verdict, facts, "question", null);
      return verdict;
    });
}

/** The subject of a question that nobody has requested yet. */
export function questionSubject(about: Pick<Subject, "service" | "version" | "environment" | "action">): Subject {
  return { ...about, class: "normal", invoker: "person", requestedBy: null, contentDigest: null, onBehalfOf: null };
}
