import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { forgetReservation, pruneAnswers, reserve, storeAnswer } from "#store/idempotency.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore(20);
});
after(() => store[Symbol.asyncDispose]());

const aRequest = (key: string) => ({ actor: "alice", key, route: "requestDeployment", bodyDigest: "sha256:body" });

test("20 equal requests at once have one effect and get one answer", async () => {
  let effects = 0;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      transaction(store.pool, async (client) => {
        const reservation = await reserve(client, aRequest("raced"));
        if (reservation.kind !== "reserved") return reservation;
        effects += 1;
        const answer = { status: 202, body: { id: `effect ${effects}` } };
        await storeAnswer(client, aRequest("raced"), answer);
        return { kind: "answered", status: answer.status, answer: answer.body };
      }),
    ),
  );
  assert.equal(effects, 1);
  for (const answer of answers) assert.deepEqual(answer, { kind: "answered", status: 202, answer: { id: "effect 1" } });
});

test("with reservations of their own, one of 20 equal requests does it and the others hear so", async () => {
  const kinds = await Promise.all(
    Array.from({ length: 20 }, async () => (await reserve(store.pool, aRequest("apart"))).kind),
  );
  assert.equal(kinds.filter((kind) => kind === "reserved").length, 1);
  assert.equal(kinds.filter((kind) => kind === "under-way").length, 19);
});

test("a reservation that is rolled back leaves the key free", async () => {
  const failed = transaction(store.pool, async (client) => {
    await reserve(client, aRequest("failed"));
    throw new Error("no effect");
  });
  await assert.rejects(failed, /no effect/);
  assert.equal((await reserve(store.pool, aRequest("failed"))).kind, "reserved");
  await forgetReservation(store.pool, aRequest("failed"));
  assert.equal((await reserve(store.pool, aRequest("failed"))).kind, "reserved");
});

test("a key that was used for another request is a conflict; another person's key is another key", async () => {
  await reserve(store.pool, aRequest("reused"));
  assert.equal((await reserve(store.pool, { ...aRequest("reused"), bodyDigest: "sha256:other" })).kind, "conflict");
  assert.equal((await reserve(store.pool, { ...aRequest("reused"), route: "abortDeployment" })).kind, "conflict");
  assert.equal((await reserve(store.pool, { ...aRequest("reused"), actor: "bob" })).kind, "reserved");
});

test("a reservation whose process died goes to the next request, an answer never", async () => {
  await reserve(store.pool, aRequest("abandoned"));
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = 'abandoned'`);
  assert.equal((await reserve(store.pool, { ...aRequest("abandoned"), bodyDigest: "sha256:other" })).kind, "conflict");
  assert.equal((await reserve(store.pool, aRequest("abandoned"))).kind, "reserved");
  assert.equal((await reserve(store.pool, aRequest("abandoned"))).kind, "under-way");
  await storeAnswer(store.pool, aRequest("abandoned"), { status: 200, body: null });
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '61 seconds' where key = 'abandoned'`);
  assert.deepEqual(await reserve(store.pool, aRequest("abandoned")), { kind: "answered", status: 200, answer: null });
  await assert.rejects(storeAnswer(store.pool, aRequest("abandoned"), { status: 500, body: {} }), /has an answer/);
});

test("answers are kept for a time and then forgotten", async () => {
  await reserve(store.pool, aRequest("old"));
  await execute(store.pool, sql`update idempotent_answer set at = at - interval '25 hours' where key = 'old'`);
  assert.equal(await pruneAnswers(store.pool, 24), 1);
  assert.equal((await reserve(store.pool, aRequest("old"))).kind, "reserved");
});
