import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { DatabaseError } from "pg";
import type { DeploymentId } from "#core/id.ts";
import { admitDeps } from "#main/bind-operations.ts";
import { applyDocuments } from "#store/configuration.ts";
import { isConnectionLoss, isTransient, transaction } from "#store/sql.ts";
import { makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { shop } from "#test/support/configuration.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

/* What fails because of the store is not the fault of the work: it is tried again soon, and nothing is written about it. */

let store: TestStore;
let elapsedMs = 0;
let tries = 0;
let failure: Error | null = null;
/** Of one piece of work only; null: whatever is judged. */
let failing: DeploymentId | null = null;
let reported: DeploymentId[] = [];

beforeEach(async () => {
  store = await freshStore();
  await transaction(store.pool, (client) => applyDocuments(client, { documents: shop, at: noon, by: "alice" }));
  [failure, failing, reported, elapsedMs] = [null, null, [], 0];
});
afterEach(() => store[Symbol.asyncDispose]());

function databaseError(code: string): Error {
  return Object.assign(new DatabaseError("refused", 0, "error"), { code });
}

const sweep = () =>
  makeResumeWaiting({
    ...admitDeps(
      () => noon,
      async (_records, { run }) => run ?? "run",
    ),
    transact: (body) =>
      store.transact((records) =>
        body({
          ...records,
          facts: {
            ...records.facts,
            load: async (subject, ...rest) => {
              tries++;
              if (failure !== null && (failing === null || subject.onBehalfOf === failing)) throw failure;
              return await records.facts.load(subject, ...rest);
            },
          },
        }),
      ),
    report: (deployment) => void reported.push(deployment),
    transient: { is: isTransient, isLoss: isConnectionLoss, stopwatch: () => elapsedMs },
  });

const stateOf = async (id: DeploymentId) => {
  const found = await store.transact((records) => records.deployments.find(id));
  return [found?.nextCheckAt?.toString() ?? null, found?.verdict ?? null];
};

const insert = (version: string) => insertDeployment(store, aDeployment({}, { version }));
const due = [noon.toString(), null];

test("a lost connection ends the sweep; the work stays due as it was, and the next sweep judges it", async () => {
  const id = await insert("1.0.0");
  const resume = sweep();
  failure = databaseError("57P01");
  await assert.rejects(resume(), /refused/);
  assert.deepEqual([await stateOf(id), reported], [due, []]);
  failure = null;
  assert.equal(await resume(), 1);
  assert.notEqual((await stateOf(id))[1], null);
});

for (const code of ["40001", "40P01", "55P03", "57014"]) {
  test(`work that meets ${code} is passed over for a moment, and not marked; what comes after it is judged`, async () => {
    failing = await insert("1.0.0");
    const next = await insert("2.0.0");
    const resume = sweep();
    failure = databaseError(code);
    assert.equal(await resume(), 1);
    assert.deepEqual([await stateOf(failing), reported], [due, []]);
    assert.notEqual((await stateOf(next))[1], null);
    failure = null;
    assert.equal(await resume(), 0, "it is passed over still");
    elapsedMs += 500;
    assert.equal(await resume(), 1);
    assert.notEqual((await stateOf(failing))[1], null);
  });
}

test("the pauses grow, up to a minute, and end with the failure", async () => {
  failing = await insert("1.0.0");
  const resume = sweep();
  failure = databaseError("55P03");
  const tried: number[] = [];
  for (; elapsedMs < 300_000; elapsedMs += 250) {
    const before = tries;
    await resume();
    if (tries > before) tried.push(elapsedMs);
  }
  const pauses = tried.slice(1).map((at, place) => at - (tried[place] ?? 0));
  assert.deepEqual(pauses.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  assert.equal(Math.max(...pauses), 60_000);
  assert.deepEqual(await stateOf(failing), due);
});

test("what cannot be judged for a reason of its own is reported, and left alone for five minutes", async () => {
  const id = await insert("1.0.0");
  const resume = sweep();
  failure = new Error("a row that nobody can read");
  assert.equal(await resume(), 1);
  assert.deepEqual(reported, [id]);
  assert.deepEqual(await stateOf(id), [noon.add({ minutes: 5 }).toString(), null]);
});
