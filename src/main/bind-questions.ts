import type { Pool } from "pg";
import type { VerdictId } from "#core/id.ts";
import { coalesce } from "#runtime/coalesce.ts";
import { newId } from "#runtime/ids.ts";
import { noKnownParts, saveAnswers } from "#store/verdict-batch.ts";
import { FactsBehind, makeAnswerQuestions, type KnownFacts } from "#usecases/policy/answer-questions.ts";
import { questionAct, type AnswerNow, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { FactMemory } from "#main/fact-memory.ts";

export interface QuestionParts {
  readonly pool: Pool;
  readonly memory: FactMemory;
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
}

/** A question waits for those that came before it, so a batch is small enough to be judged within some milliseconds. */
const batches = { max: 24, concurrency: 2 } as const;

/** Answers questions about now from facts in memory; null until these have been read. */
export function bindQuestions({ pool, memory, now, judge }: QuestionParts): () => AnswerNow | null {
  const stored = noKnownParts();
  const answerQuestions = makeAnswerQuestions({
    now,
    judge,
    known: () => read(memory),
    refresh: memory.refresh,
    save: (snapshot, answers) =>
      saveAnswers(
        pool,
        snapshot,
        answers.map(({ id, verdict, facts, question }) => ({
          id,
          verdict,
          facts,
          auditId: newId("audit"),
          act: () => questionAct(question, verdict, id),
        })),
        stored,
      ),
    newVerdictId: () => newId<"VerdictId">("verdict") satisfies VerdictId,
  });
  const answerOrFail = coalesce(answerQuestions, batches);
  const answer: AnswerNow = async (question) => {
    try {
      const answered = await answerOrFail(question);
      if (answered instanceof Error) throw answered;
      return answered;
    } catch (error) {
      if (error instanceof FactsBehind) return null;
      throw error;
    }
  };
  return () => (memory.known() === null ? null : answer);
}

function read(memory: FactMemory): KnownFacts {
  const known = memory.known();
  if (known === null) throw new FactsBehind("the facts in memory are old");
  return known;
}
