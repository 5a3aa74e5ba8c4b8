import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { VerdictId } from "#core/id.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { coalesce } from "#runtime/coalesce.ts";
import { newId } from "#runtime/ids.ts";
import type { Log } from "#runtime/log.ts";
import { openMirror, type FactMirror } from "#store/mirror/mirror.ts";
import type { OrganisationCache } from "#store/organisation.ts";
import { saveAnswers, type KnownParts } from "#store/verdict-batch.ts";
import { makeAnswerQuestions } from "#usecases/policy/answer-questions.ts";
import { questionAct, type Judge, type Question } from "#usecases/policy/ask-verdict.ts";

export interface QuestionParts {
  readonly pool: Pool;
  readonly organisations: OrganisationCache;
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  readonly log: Log;
}

export interface Questions {
  /** null until the facts have been read; then everything that is asked about now goes this way. */
  readonly answerNow: () => ((question: Question) => Promise<Verdict>) | null;
  readonly mirror: () => FactMirror | null;
  readonly stop: () => Promise<void>;
}

/** A question waits for those that came before it, so a batch is small enough to be judged within some milliseconds. */
const batches = { max: 24, concurrency: 2 } as const;
/** The mirror is brought up to date this often even when nobody asks, so that the first question finds little to read. */
const refreshEveryMs = 1_000;

/** Reads the facts of everything in the background; questions are answered from the database until that is done. */
export function bindQuestions(parts: QuestionParts): Questions {
  let mirror: FactMirror | null = null;
  let answer: ((question: Question) => Promise<Verdict>) | null = null;
  const stopping = new AbortController();
  const open = async (): Promise<void> => {
    const opened = await openMirror(parts.pool, parts);
    mirror = opened;
    answer = answering(parts, opened);
  };
  const running = keepUp(
    async () => void (await (mirror === null ? open() : mirror.refresh())),
    parts.log,
    stopping.signal,
  );
  return {
    answerNow: () => answer,
    mirror: () => mirror,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function answering({ pool, now, judge }: QuestionParts, mirror: FactMirror): (question: Question) => Promise<Verdict> {
  const known: KnownParts = new Set();
  const answerQuestions = makeAnswerQuestions({
    now,
    judge,
    known: () => {
      const { world, snapshot } = mirror.state();
      return { snapshot, factsFor: (subject, at, horizon) => factsFor(world, subject, at, horizon) };
    },
    refresh: mirror.refresh,
    save: (snapshot, answers) =>
      saveAnswers(
        pool,
        snapshot,
        answers.map(({ id, verdict, facts, question }) => ({
          id,
          verdict,
          facts,
          auditId: newId("audit"),
          act: questionAct(question, verdict, id),
        })),
        known,
      ),
    newVerdictId: () => newId<"VerdictId">("verdict") satisfies VerdictId,
  });
  return coalesce(answerQuestions, batches);
}

async function keepUp(body: () => Promise<void>, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await body();
    } catch (error) {
      log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        "facts could not be read; tried again",
      );
    }
    await pause(refreshEveryMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
