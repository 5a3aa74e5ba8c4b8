import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import {
  actUnder,
  AttemptLost,
  endAttempt,
  pruneAnswers,
  releaseKey,
  reserveKey,
  storeAnswer,
} from "#store/idempotency.ts";
import { execute, query, sql, transaction } from "#store/sql.ts";
import { z } from "zod";
import { freshStore, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(20);
  await store.pool.query("create table deed (note text)");
});
after(() => store[Symbol.asyncDispose]());

/** Each call is another attempt at the same request, unless it is given one. */
const aRequest = (key: string, attempt: string = randomUUID()) => ({
  scope: "alice",
  key,
  operation: "requestDeployment",
  bodyDigest: "sha256:body",
  isRepeatable: false,
  attempt,
});

test("20 equal requests at once have one effect and get one answer", async () => {
  let effects = 0;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      transaction(store.pool, async (client) => {
        const attempt = aRequest("raced");
        const reservation = await reserveKey(client, attempt);
        if (reservation.state !== "fresh") return reservation;
        effects += 1;
        const answer = { status: 202, body: { id: `effect ${effects}` } };
        await storeAnswer(client, attempt, answer);
        return { state: "replay", status: answer.status, body: answer.body };
      }),
    ),
  );
  assert.equal(effects, 1);
  for (const answer of answers) assert.deepEqual(answer, { state: "replay", status: 202, body: { id: "effect 1" } });
});

test("with reservations of their own, one of 20 equal requests does it and the others hear so", async () => {
  const states = await Promise.all(
    Array.from({ length: 20 }, async () => (await reserveKey(store.pool, aRequest("apart"))).state),
  );
  assert.equal(states.filter((state) => state === "fresh").length, 1);
  assert.equal(states.filter((state) => state === "in-progress").length, 19);
});

test("a reservation that is rolled back leaves the key free", async () => {
  const failed = transaction(store.pool, async (client) => {
    await reserveKey(client, aRequest("failed"));
    throw new Error("no effect");
  });
  await assert.rejects(failed, /no effect/);
  const second = aRequest("failed");
  assert.equal((await reserveKey(store.pool, second)).state, "fresh");
  await releaseKey(store.pool, second);
  assert.equal((await reserveKey(store.pool, aRequest("failed"))).state, "fresh");
});

test("a key that was used for another request is a conflict; another person's key is another key", async () => {
  await reserveKey(store.pool, aRequest("reused"));
  assert.equal((await reserveKey(store.pool, { ...aRequest("reused"), bodyDigest: "sha256:other" })).state, "conflict");
  assert.equal(
    (await reserveKey(store.pool, { ...aRequest("reused"), operation: "abortDeployment" })).state,
    "conflict",
  );
  assert.equal((await reserveKey(store.pool, { ...aRequest("reused"), scope: "bob" })).state, "fresh");
});

test("a reservation whose process died goes to the next request, an answer never", async () => {
  await reserveKey(store.pool, aRequest("abandoned"));
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = 'abandoned'`);
  assert.equal(
    (await reserveKey(store.pool, { ...aRequest("abandoned"), bodyDigest: "sha256:other" })).state,
    "conflict",
  );
  const second = aRequest("abandoned");
  assert.equal((await reserveKey(store.pool, second)).state, "fresh");
  assert.equal((await reserveKey(store.pool, aRequest("abandoned"))).state, "in-progress");
  await storeAnswer(store.pool, second, { status: 200, body: null });
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = 'abandoned'`);
  await storeAnswer(store.pool, second, { status: 500, body: {} });
  assert.deepEqual(await reserveKey(store.pool, aRequest("abandoned")), { state: "replay", status: 200, body: null });
});

const age = (key: string) =>
  execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = ${key}`);
const act = (note: string) =>
  transaction(store.pool, (client) => execute(client, sql`insert into deed values (${note})`));
const deeds = async () =>
  (await query(store.pool, sql`select note from deed order by note`, z.object({ note: z.string() }))).map(
    ({ note }) => note,
  );

test("an attempt that broke and did nothing leaves the key free at once", async () => {
  const attempt = aRequest("broke");
  await reserveKey(store.pool, attempt);
  const broken = actUnder(attempt, () =>
    transaction(store.pool, async (client) => {
      await execute(client, sql`insert into deed values ('broke')`);
      await client.query("select 1/0");
    }),
  );
  await assert.rejects(broken, /division by zero/);
  await endAttempt(store.pool, attempt);
  assert.deepEqual(await deeds(), []);
  assert.equal((await reserveKey(store.pool, aRequest("broke"))).state, "fresh");
});

test("an attempt that broke behind its act does not act again, unless it finds what it made", async () => {
  const attempt = aRequest("half");
  await reserveKey(store.pool, attempt);
  await actUnder(attempt, () => act("half"));
  await endAttempt(store.pool, attempt);
  assert.equal((await reserveKey(store.pool, aRequest("half"))).state, "answer-lost");
  assert.equal((await reserveKey(store.pool, aRequest("half"))).state, "answer-lost", "and so says every later try");
  const repeated = { ...aRequest("half"), isRepeatable: true };
  assert.equal((await reserveKey(store.pool, repeated)).state, "fresh");
  await storeAnswer(store.pool, repeated, { status: 202, body: "found" });
  assert.deepEqual(await reserveKey(store.pool, aRequest("half")), { state: "replay", status: 202, body: "found" });
});

test("a transaction that only reads is no act", async () => {
  const attempt = aRequest("read");
  await reserveKey(store.pool, attempt);
  await actUnder(attempt, () => transaction(store.pool, (client) => client.query("select 1")));
  await endAttempt(store.pool, attempt);
  assert.equal((await reserveKey(store.pool, aRequest("read"))).state, "fresh");
});

test("who has been slow for so long that the key went to another one can store nothing any more", async () => {
  const slow = aRequest("slow");
  await reserveKey(store.pool, slow);
  await age("slow");
  const next = aRequest("slow");
  assert.equal((await reserveKey(store.pool, next)).state, "fresh");
  await assert.rejects(
    actUnder(slow, () => act("slow")),
    AttemptLost,
  );
  await endAttempt(store.pool, slow);
  await storeAnswer(store.pool, slow, { status: 500, body: {} });
  assert.equal((await reserveKey(store.pool, aRequest("slow"))).state, "in-progress");
  await actUnder(next, () => act("next"));
  assert.deepEqual(
    (await deeds()).filter((note) => note !== "half"),
    ["next"],
  );
});

test("nobody waits for a transaction that still has the key in hand", async () => {
  const attempt = aRequest("held");
  await reserveKey(store.pool, attempt);
  await endAttempt(store.pool, attempt);
  await reserveKey(store.pool, attempt);
  await actUnder(attempt, () => act("held"));
  await endAttempt(store.pool, attempt);
  const repeated = () => ({ ...aRequest("held"), isRepeatable: true });
  await transaction(store.pool, async (client) => {
    await client.query("select 1 from idempotent_answer where key = 'held' for update");
    assert.equal((await reserveKey(store.pool, repeated())).state, "in-progress");
  });
  assert.equal((await reserveKey(store.pool, repeated())).state, "fresh");
});

test("what goes on in the background of an act is not part of it", async () => {
  const attempt = aRequest("background");
  await reserveKey(store.pool, attempt);
  const { promise: later, resolve: go } = Promise.withResolvers<void>();
  const { background } = await actUnder(attempt, async () => {
    const started = later.then(() => act("background"));
    await act("foreground");
    return { background: started };
  });
  await storeAnswer(store.pool, attempt, { status: 200, body: null });
  go();
  await background;
  assert.ok((await deeds()).includes("background"));
});

test("answers are kept for a time and then forgotten", async () => {
  await reserveKey(store.pool, aRequest("old"));
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '25 hours' where key = 'old'`);
  assert.equal(await pruneAnswers(store.pool, 24), 1);
  assert.equal((await reserveKey(store.pool, aRequest("old"))).state, "fresh");
});
