import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pruneAnswers, releaseKey, reserveKey, storeAnswer } from "#store/idempotency.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(20);
});
after(() => store[Symbol.asyncDispose]());

const aRequest = (key: string) => ({ scope: "alice", key, operation: "requestDeployment", bodyDigest: "sha256:body" });

test("20 equal requests at once have one effect and get one answer", async () => {
  let effects = 0;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      transaction(store.pool, async (client) => {
        const reservation = await reserveKey(client, aRequest("raced"));
        if (reservation.state !== "fresh") return reservation;
        effects += 1;
        const answer = { status: 202, body: { id: `effect ${effects}` } };
        await storeAnswer(client, aRequest("raced"), answer);
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
  assert.equal((await reserveKey(store.pool, aRequest("failed"))).state, "fresh");
  await releaseKey(store.pool, aRequest("failed"));
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
  assert.equal((await reserveKey(store.pool, aRequest("abandoned"))).state, "fresh");
  assert.equal((await reserveKey(store.pool, aRequest("abandoned"))).state, "in-progress");
  await storeAnswer(store.pool, aRequest("abandoned"), { status: 200, body: null });
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = 'abandoned'`);
  assert.deepEqual(await reserveKey(store.pool, aRequest("abandoned")), { state: "replay", status: 200, body: null });
  await assert.rejects(storeAnswer(store.pool, aRequest("abandoned"), { status: 500, body: {} }), /has an answer/);
});

test("answers are kept for a time and then forgotten", async () => {
  await reserveKey(store.pool, aRequest("old"));
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '25 hours' where key = 'old'`);
  assert.equal(await pruneAnswers(store.pool, 24), 1);
  assert.equal((await reserveKey(store.pool, aRequest("old"))).state, "fresh");
});
