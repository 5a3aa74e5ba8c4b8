import type { VerdictId } from "#core/id.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { horizonOf, type Judge, type Question } from "#usecases/policy/ask-verdict.ts";

/** The facts of everything as one snapshot of the database has them. */
export interface KnownFacts {
  readonly snapshot: string;
  readonly factsFor: (subject: Subject, at: Temporal.Instant, horizon: Temporal.Instant) => Facts;
}

export interface AnswerToStore {
  readonly id: VerdictId;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly question: Question;
}

export interface AnswerQuestionsDeps {
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  readonly known: () => KnownFacts;
  /** Brings the known facts up to the present. */
  readonly refresh: () => Promise<unknown>;
  /** Stores all of them, with their entries in the record, if no fact has changed since the snapshot; else false. */
  readonly save: (snapshot: string, answers: readonly AnswerToStore[]) => Promise<boolean>;
  readonly newVerdictId: () => VerdictId;
}

/** Facts that change faster than they can be read into memory are read from the database, question by question. */
export const maxTries = 8;

/** The facts in memory could not be brought up to date; the question has no answer yet. */
export class FactsBehind extends Error {}

/**
 * Answers questions that came at the same time from facts in memory, in one round trip. The answer is stored only where
 * the statement that stores it finds that the facts are still those it was made from; otherwise it is made again. A
 * question that cannot be judged is answered with its error and takes no other one with it.
 */
export function makeAnswerQuestions(
  deps: AnswerQuestionsDeps,
): (questions: readonly Question[]) => Promise<readonly (Verdict | Error)[]> {
  return async (questions) => {
    for (let tries = 0; tries < maxTries; tries++) {
      const { snapshot, factsFor } = deps.known();
      const at = deps.now();
      const answers = questions.map((question): AnswerToStore | Error => {
        try {
          const facts = factsFor(question.subject, at, horizonOf(at));
          return { id: deps.newVerdictId(), verdict: deps.judge(facts), facts, question };
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
      });
      const judged = answers.filter((answer): answer is AnswerToStore => !(answer instanceof Error));
      if (judged.length === 0 || (await deps.save(snapshot, judged))) {
        return answers.map((answer) => (answer instanceof Error ? answer : answer.verdict));
      }
      try {
        await deps.refresh();
      } catch (error) {
        throw new FactsBehind("the facts in memory cannot be brought up to date", { cause: error });
      }
    }
    throw new FactsBehind(`facts have changed ${maxTries} times while a verdict was stored`);
  };
}
