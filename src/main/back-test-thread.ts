import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { PoolClient } from "pg";
import { z } from "zod";
import { enterBackTest, leaveBackTest } from "#store/policy.ts";
import { createPool } from "#store/sql.ts";
import {
  type AnswerMessage,
  fromQuestionMessage,
  type QuestionMessage,
  toPageMessage,
} from "#main/back-test-message.ts";
import { bindBackTest } from "#main/bind-back-test.ts";

/*
 * Runs in a thread of its own: one question after the other, each in the turn of the whole installation.
 */

const { connectionString } = z.object({ connectionString: z.string() }).parse(workerData);
const pool = createPool(connectionString, { max: 1, name: "tidegate-back-test" });

parentPort?.on("message", (question: QuestionMessage) => {
  void answer(question).then((message) => parentPort?.postMessage(message));
});

async function answer(question: QuestionMessage): Promise<AnswerMessage> {
  const { id } = question;
  try {
    const client = await pool.connect();
    try {
      if (!(await takeTurn(client))) return { id, kind: "full" };
      try {
        return await judgeOn(client, question);
      } finally {
        await leaveBackTest(client);
      }
    } finally {
      client.release();
    }
  } catch (error) {
    return { id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

/** Another process has its turn for some seconds; whoever waits longer is told so and comes again. */
const turnPollMs = 200;
const maxPolls = 30;

async function takeTurn(client: PoolClient): Promise<boolean> {
  for (let polls = 0; polls < maxPolls; polls++) {
    if (await enterBackTest(client)) return true;
    await delay(turnPollMs);
  }
  return false;
}

async function judgeOn(client: PoolClient, question: QuestionMessage): Promise<AnswerMessage> {
  const judged = await bindBackTest(client)(fromQuestionMessage(question));
  const { id } = question;
  if (!judged.ok) return { id, kind: "invalid", problems: judged.error.problems };
  return { id, kind: "page", page: toPageMessage(judged.value) };
}
