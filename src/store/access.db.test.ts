import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type AccessToken,
  findTokens,
  insertToken,
  pruneTokens,
  revokeToken,
  tokensOf,
  touchToken,
} from "#store/access.ts";
import { readClockShift, setClockShift } from "#store/clock.ts";
import { freshStore, hourAfter, noon, type TestStore } from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore();
});
after(() => store[Symbol.asyncDispose]());

const aToken = (id: string, change: object = {}) => ({
  id,
  person: "alice",
  account: "alice@example.org",
  kind: "token" as const,
  secretHash: "hash",
  label: "laptop",
  parent: null,
  createdAt: noon,
  expiresAt: hourAfter(noon),
  ...change,
});

async function findToken(id: string): Promise<AccessToken | null> {
  const [found] = await findTokens(store.pool, [id]);
  return found ?? null;
}

test("a token is found as it was stored, and another id is not", async () => {
  await insertToken(store.pool, aToken("tok_1"));
  assert.deepEqual(await findToken("tok_1"), { ...aToken("tok_1"), lastUsedAt: null, revokedAt: null });
  assert.equal(await findToken("tok_none"), null);
  await assert.rejects(insertToken(store.pool, aToken("tok_1")), /duplicate key/);
});

test("the use of a token is noted at most once a minute", async () => {
  await insertToken(store.pool, aToken("tok_used"));
  const noted = [];
  for (const seconds of [0, 1, 59, 60, 61]) noted.push(await touchToken(store.pool, "tok_used", noon.add({ seconds })));
  assert.deepEqual(noted, [true, false, false, true, false]);
  assert.equal(String((await findToken("tok_used"))?.lastUsedAt), "2026-11-02T12:01:00Z");
});

test("a person revokes their own tokens, once", async () => {
  await insertToken(store.pool, aToken("tok_revoked", { person: "bob" }));
  assert.equal(await revokeToken(store.pool, "tok_revoked", "mallory", noon), false);
  assert.equal(await revokeToken(store.pool, "tok_revoked", "bob", noon), true);
  assert.equal(await revokeToken(store.pool, "tok_revoked", "bob", hourAfter(noon)), false);
  assert.deepEqual(
    (await tokensOf(store.pool, "bob")).map(({ id, revokedAt }) => [id, String(revokedAt)]),
    [["tok_revoked", noon.toString()]],
  );
});

test("tokens are listed newest first and removed once they are over", async () => {
  for (const [id, hours] of [
    ["tok_a", 0],
    ["tok_b", 5],
    ["tok_c", 9],
  ] as const) {
    const createdAt = noon.add({ hours });
    await insertToken(store.pool, aToken(id, { person: "carol", createdAt, expiresAt: hourAfter(createdAt) }));
  }
  await revokeToken(store.pool, "tok_c", "carol", noon.add({ hours: 9 }));
  assert.deepEqual(
    (await tokensOf(store.pool, "carol")).map(({ id }) => id),
    ["tok_c", "tok_b", "tok_a"],
  );
  await pruneTokens(store.pool, noon.add({ hours: 3 }));
  assert.deepEqual(
    (await tokensOf(store.pool, "carol")).map(({ id }) => id),
    ["tok_c", "tok_b"],
  );
  await pruneTokens(store.pool, noon.add({ hours: 9, minutes: 1 }));
  assert.deepEqual(await tokensOf(store.pool, "carol"), []);
});

test("the shift of the domain clock is one row", async () => {
  assert.equal(await readClockShift(store.pool), null);
  await setClockShift(store.pool, 3_600_000, "alice");
  await setClockShift(store.pool, -1, "bob");
  const read = await readClockShift(store.pool);
  assert.deepEqual([read?.shiftMs, read?.setBy], [-1, "bob"]);
});

test("what was made from a token is revoked with it, however many steps away, and nothing else is", async () => {
  const own = { person: "eve", account: "eve@example.org" };
  await insertToken(store.pool, aToken("tok_root", own));
  await insertToken(store.pool, aToken("tok_child", { ...own, parent: "tok_root" }));
  await insertToken(store.pool, aToken("tok_grandchild", { ...own, parent: "tok_child" }));
  await insertToken(store.pool, aToken("tok_other", own));
  assert.equal(await revokeToken(store.pool, "tok_root", "eve", noon), true);
  const isRevoked = async (id: string) => (await findToken(id))?.revokedAt !== null;
  assert.deepEqual(await Promise.all(["tok_root", "tok_child", "tok_grandchild", "tok_other"].map(isRevoked)), [
    true,
    true,
    true,
    false,
  ]);
});

test("many tokens are found at once, each in the place of its id, and a place stays empty for an unknown one", async () => {
  await insertToken(store.pool, aToken("tok_a"));
  await insertToken(store.pool, aToken("tok_b"));
  const found = await findTokens(store.pool, ["tok_b", "tok_none", "tok_a", "tok_b"]);
  assert.deepEqual(
    found.map((token) => token?.id ?? null),
    ["tok_b", null, "tok_a", "tok_b"],
  );
});
