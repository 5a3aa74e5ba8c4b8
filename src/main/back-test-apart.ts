import { Worker } from "node:worker_threads";
import { err, ok } from "#core/result.ts";
import { fairTurns } from "#runtime/fair-turns.ts";
import type { PolicyOperations } from "#usecases/policy/policy-operations.ts";
import {
  type AnswerMessage,
  fromPageMessage,
  type QuestionMessage,
  toQuestionMessage,
} from "#main/back-test-message.ts";

/** A stretch holds one portion of stored facts, some ten megabytes, several times over. */
const maxHeapMb = 512;
/** A stretch ends by itself after some seconds; this long it takes only when something is wrong with it. */
const maxStretchMs = 25_000;
/** Loading the rules takes half a second, so the thread is kept for the next stretch. */
const idleMs = 60_000;
/** With stretches of 5 s nobody waits longer than an answer may take. */
const maxWaiting = 3;

/**
 * Back-tests in a thread of their own with a connection of its own: reading, parsing and judging years of verdicts takes
 * nothing from others' requests but a share of the processor. One at a time per process and, by a lock of the store, per
 * installation.
 */
export function backTestApart(connectionString: string): PolicyOperations["backTest"] {
  const take = fairTurns({ atOnce: 1, waiting: maxWaiting });
  const ask = askThread(connectionString);
  return async (question, asker) => {
    const answered = await take(asker, () => ask((id) => toQuestionMessage(id, question)));
    if (!answered.ok) return answered;
    const { value } = answered;
    if (value === null) return err("too-heavy");
    switch (value.kind) {
      case "page":
        return ok(fromPageMessage(value.page));
      case "invalid":
        return err({ code: "invalid-configuration", problems: value.problems });
      case "full":
        return err("full");
      case "failed":
        throw new Error(`the back-test failed: ${value.message}`);
    }
  };
}

type Ask = (questionOf: (id: number) => QuestionMessage) => Promise<AnswerMessage | null>;

/** One question at a time. null: the thread had to be ended, or ended by itself. */
function askThread(connectionString: string): Ask {
  let kept: { readonly thread: Worker; readonly idle: NodeJS.Timeout } | null = null;
  let asked = 0;
  return async (questionOf) => {
    const id = ++asked;
    if (kept !== null) clearTimeout(kept.idle);
    const thread = kept?.thread ?? startThread(connectionString);
    kept = null;
    const answer = await answerOf(thread, questionOf(id));
    if (answer === null) void thread.terminate();
    else {
      const idle = setTimeout(() => {
        kept = null;
        void thread.terminate();
      }, idleMs);
      idle.unref();
      // Nobody waits for it now, so it keeps no process alive.
      thread.unref();
      kept = { thread, idle };
    }
    return answer;
  };
}

function startThread(connectionString: string): Worker {
  const thread = new Worker(new URL("./back-test-thread.ts", import.meta.url), {
    workerData: { connectionString },
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  // What ends it while nobody asks is found by the next question, which starts another.
  thread.on("error", () => undefined);
  return thread;
}

function answerOf(thread: Worker, question: QuestionMessage): Promise<AnswerMessage | null> {
  return new Promise((resolve) => {
    thread.ref();
    const end = (answer: AnswerMessage | null): void => {
      clearTimeout(timer);
      thread.off("message", listen);
      thread.off("exit", gone);
      resolve(answer);
    };
    const listen = (answer: AnswerMessage): void => {
      if (answer.id === question.id) end(answer);
    };
    const gone = (): void => end(null);
    const timer = setTimeout(gone, maxStretchMs);
    thread.on("message", listen);
    thread.once("exit", gone);
    thread.postMessage(question);
  });
}
