import assert from "node:assert/strict";
import { test } from "node:test";
import { isRepeatable } from "#api/idempotency.ts";
import { handlers } from "#api/registry.ts";
import { fakeApi, problemOf } from "#test/api/fakes.ts";

const body = { service: "checkout-api", version: "5.0.1", environment: "prod-emea" };
const keyed = { method: "POST", headers: { "idempotency-key": "k-1" } };

function failOnce(message: string): () => Promise<void> {
  let failed = false;
  return async () => {
    if (failed) return;
    failed = true;
    throw new Error(message);
  };
}

test("the same request with the same key acts once and answers the same", async () => {
  const api = fakeApi();
  const first = await api.call("/v1/deployments", { ...keyed, body });
  const second = await api.call("/v1/deployments", { ...keyed, body });
  assert.equal(first.status, 202);
  assert.equal(first.headers.get("idempotency-replayed"), null);
  assert.equal(second.status, 202);
  assert.equal(second.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(await second.json(), await first.json());
  assert.deepEqual(api.done, ["requestDeployment"]);
});

test("the key with another body, or at another operation, is a conflict", async () => {
  const api = fakeApi();
  await api.call("/v1/deployments", { ...keyed, body });
  const otherBody = await api.call("/v1/deployments", { ...keyed, body: { ...body, version: "5.0.2" } });
  assert.equal((await problemOf(otherBody)).code, "key-conflict");
  const id = api.seed();
  const otherOperation = await api.call(`/v1/deployments/${id}/abort`, {
    ...keyed,
    as: "operator",
    body: { reason: "x" },
  });
  assert.equal(otherOperation.status, 202, "another account has keys of its own");
  assert.deepEqual(api.done, ["requestDeployment", "abortDeployment"]);
});

test("while the first request is carried out the second is told to ask again", async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const before = async () => {
    entered.resolve();
    await gate.promise;
  };
  const api = fakeApi({ before });
  const first = api.call("/v1/deployments", { ...keyed, body });
  await entered.promise;
  const second = await api.call("/v1/deployments", { ...keyed, body });
  assert.equal((await problemOf(second)).code, "in-progress");
  assert.equal(second.headers.get("retry-after"), "1");
  gate.resolve();
  assert.equal((await first).status, 202);
  assert.equal((await api.call("/v1/deployments", { ...keyed, body })).headers.get("idempotency-replayed"), "true");
  assert.deepEqual(api.done, ["requestDeployment"]);
});

test("a refusal is not kept: the same key may succeed once the obstacle has gone", async () => {
  const api = fakeApi();
  const unknown = { ...body, service: "nothing" };
  assert.equal((await api.call("/v1/deployments", { ...keyed, body: unknown })).status, 404);
  assert.equal((await api.call("/v1/deployments", { ...keyed, body })).status, 202);
});

test("an act that outlasts the limit goes on, and its answer is found under the key", async () => {
  const gate = Promise.withResolvers<void>();
  const api = fakeApi({ before: () => gate.promise, limits: { requestMs: 20 } });
  const late = await api.call("/v1/deployments", { ...keyed, body });
  assert.equal((await problemOf(late)).code, "unavailable");
  gate.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  const again = await api.call("/v1/deployments", { ...keyed, body });
  assert.equal(again.status, 202);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});

test("an act that breaks and has stored nothing leaves its key free", async () => {
  const api = fakeApi({ before: failOnce("connection lost at BEGIN") });
  const broken = await api.call("/v1/deployments", { ...keyed, body });
  const told = await problemOf(broken);
  assert.deepEqual([told.code, broken.headers.get("retry-after")], ["unavailable", "2"]);
  assert.equal(JSON.stringify(told).includes("BEGIN"), false, "the reason is for the log");
  assert.ok(api.lines.some((line) => line.includes("connection lost at BEGIN")));
  assert.equal((await api.call("/v1/deployments", { ...keyed, body })).status, 202);
  assert.deepEqual(api.done, ["requestDeployment"]);
});

test("an act that breaks behind what it stored is repeated when it finds that, and never otherwise", async () => {
  const found = fakeApi({ before: failOnce("connection lost after COMMIT") });
  assert.equal((await found.call("/v1/deployments", { ...keyed, body })).status, 503);
  assert.equal((await found.call("/v1/deployments", { ...keyed, body })).status, 202);
  const lost = fakeApi({ before: failOnce("connection lost after COMMIT") });
  const abort = { ...keyed, as: "operator", body: { reason: "x" } } as const;
  const path = `/v1/deployments/${lost.seed()}/abort`;
  assert.equal((await lost.call(path, abort)).status, 503);
  assert.equal((await problemOf(await lost.call(path, abort))).code, "answer-lost");
  assert.deepEqual(lost.done, []);
});

test("every operation that finds its own work is one of ours", () => {
  const found = Object.values(handlers).filter(({ route }) => isRepeatable(route.operation));
  assert.deepEqual(found.map(({ route }) => route.operation).toSorted(), [
    "requestDeployment",
    "rollBackDeployment",
    "startRun",
  ]);
  assert.ok(found.every(({ route }) => route.idempotent));
});

test("an error that will not pass by itself is told as one", async () => {
  const api = fakeApi({ before: () => Promise.reject(new Error("a bug")) });
  const broken = await api.call("/v1/deployments", { ...keyed, body });
  assert.deepEqual([(await problemOf(broken)).code, broken.headers.get("retry-after")], ["internal", null]);
});

test("a key that is no visible ASCII is refused", async () => {
  const api = fakeApi();
  for (const key of ["a b", "x".repeat(201), "é"]) {
    const response = await api.call("/v1/deployments", { method: "POST", body, headers: { "idempotency-key": key } });
    assert.equal((await problemOf(response)).code, "invalid-request", key);
  }
});

test("a call to make a token stores no answer: the secret is nowhere but with its owner", async () => {
  const api = fakeApi();
  const token = { account: "developer-bot", label: "ci", expiresInHours: 1 };
  const first = await api.call("/v1/tokens", { ...keyed, body: token });
  const second = await api.call("/v1/tokens", { ...keyed, body: token });
  assert.equal(second.headers.get("idempotency-replayed"), null);
  assert.notDeepEqual(await first.json(), await second.json());
});
