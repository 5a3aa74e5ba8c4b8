import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeApi, problemOf } from "#test/api/fakes.ts";

for (const path of [
  "/v1/matrix?at=2026-01-01T00:00:00.1234567891Z",
  "/v1/audit/export?since=2026-01-01T00:00:00.123456789012Z",
  "/v1/audit/export?until=2026-01-01T00:00:00.00000000000000000000001Z",
]) {
  test(`an instant finer than a nanosecond is refused and no failure: ${path}`, async () => {
    const response = await fakeApi().call(path, { as: "auditor" });
    assert.equal((await problemOf(response)).code, "invalid-request");
  });
}

test("one account cannot take the event streams of all others", async () => {
  const api = fakeApi({ limits: { maxStreams: 4, maxStreamsPerAccount: 2 } });
  const mine = [await api.call("/v1/events", { as: "viewer" }), await api.call("/v1/events", { as: "viewer" })];
  const third = await api.call("/v1/events", { as: "viewer" });
  assert.equal(third.headers.get("retry-after"), "30");
  assert.equal((await problemOf(third)).code, "too-many-requests");
  const other = await api.call("/v1/events", { as: "developer" });
  assert.equal(other.status, 200);
  await mine[0]?.body?.cancel();
  const again = await api.call("/v1/events", { as: "viewer" });
  assert.equal(again.status, 200);
  for (const open of [...mine.slice(1), other, again]) await open.body?.cancel();
});

test("a sentence about a body ends with one full stop", async () => {
  const api = fakeApi();
  const response = await api.call("/v1/artifacts", {
    method: "POST",
    as: "developer",
    raw: '{"a":1,"a":2}',
    headers: { "content-type": "application/json" },
  });
  const { detail } = await problemOf(response);
  assert.match(detail, /in one object\.$/);
  assert.doesNotMatch(detail, /\.\.$/);
});

test("another person's token looks like one that does not exist, and stays", async () => {
  const api = fakeApi();
  const theirs = `tok_${api.tokens.operator.split("_")[1]}`;
  for (const id of [theirs, `tok_${"0".repeat(32)}`]) {
    const response = await api.call(`/v1/tokens/${id}`, { method: "DELETE", as: "developer", body: {} });
    assert.deepEqual(await response.json(), { revoked: false });
  }
  assert.equal((await api.call("/v1/me", { as: "operator" })).status, 200);
});
