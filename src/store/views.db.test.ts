import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { canonical } from "#core/audit/canonical.ts";
import { sha256Of } from "#runtime/digest.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { maxAuditValueBytes } from "#store/audit.ts";
import { applyDocuments } from "#store/configuration.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { shop } from "#test/support/configuration.ts";
import {
  aDeployment,
  aDigest,
  freshStore,
  hourAfter,
  insertDeployment,
  noon,
  type TestStore,
} from "#test/support/store.ts";

let store: TestStore;
before(async () => {
  store = await freshStore();
});
after(() => store[Symbol.asyncDispose]());

const everything = { environment: null, service: null, state: null, limit: 50, cursor: null } as const;

test("pages follow each other without gap or repetition, newest first, whatever is added meanwhile", async () => {
  await using own = await freshStore();
  const made: string[] = [];
  for (let index = 0; index < 25; index++) {
    // Fives of the same instant: the id decides among them.
    const requestedAt = noon.add({ minutes: Math.floor(index / 5) });
    made.push(
      await insertDeployment(own, aDeployment({ requestedAt, state: "succeeded" }, { service: `paged-${index}` })),
    );
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof own.views.listDeployments>> = await own.views.listDeployments({
      ...everything,
      limit: 7,
      cursor,
    });
    assert.ok(page.items.length <= 7);
    seen.push(...page.items.map(({ record }) => record.id));
    cursor = page.next;
    await insertDeployment(own, aDeployment({ requestedAt: hourAfter(noon), state: "failed" }, { service: "late" }));
  } while (cursor !== null);
  const byAge = made.map((id, index) => ({ id, age: Math.floor(index / 5) }));
  byAge.sort((a, b) => b.age - a.age || (a.id < b.id ? 1 : -1));
  assert.deepEqual(
    seen,
    byAge.map(({ id }) => id),
  );
});

for (const cursor of [
  "",
  "nonsense",
  Buffer.from("[1,2]").toString("base64url"),
  Buffer.from('["x","y"]').toString("base64url"),
]) {
  test(`a cursor that no list has issued leads nowhere: "${cursor}"`, async () => {
    assert.deepEqual(await store.views.listDeployments({ ...everything, cursor }), { items: [], next: null });
    assert.deepEqual(await store.views.audit({ object: null, action: null, limit: 5, cursor }), {
      items: [],
      next: null,
    });
  });
}

test("a list is narrowed by environment, service and state", async () => {
  await using own = await freshStore();
  await insertDeployment(own, aDeployment({ state: "running" }, { service: "a", environment: "prod" }));
  await insertDeployment(own, aDeployment({ state: "succeeded" }, { service: "a", environment: "staging" }));
  await insertDeployment(own, aDeployment({ state: "failed" }, { service: "b", environment: "prod" }));
  const listed = async (filter: object) =>
    (await own.views.listDeployments({ ...everything, ...filter })).items
      .map(({ record }) => `${record.subject.service} ${record.subject.environment} ${record.state}`)
      .sort((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(await listed({ environment: "prod" }), ["a prod running", "b prod failed"]);
  assert.deepEqual(await listed({ service: "a" }), ["a prod running", "a staging succeeded"]);
  assert.deepEqual(await listed({ state: "open" }), ["a prod running"]);
  assert.deepEqual(await listed({ state: "ended" }), ["a staging succeeded", "b prod failed"]);
  assert.deepEqual(await listed({ state: "failed", environment: "prod", service: "b" }), ["b prod failed"]);
  assert.deepEqual(await listed({ state: "failed", service: "a" }), []);
});

test("a deployment is shown with its verdict in force, its approvals and its place in the queue", async () => {
  const environment = "queue";
  const first = await insertDeployment(store, aDeployment({ state: "running" }, { environment, service: "a" }));
  const second = await insertDeployment(store, aDeployment({}, { environment, service: "b" }));
  const third = await insertDeployment(store, aDeployment({ state: "queued" }, { environment, service: "c" }));
  const options = { hash: sha256Of, zoneData: "2026c" };
  await store.transact(async (records) => {
    await records.locks.take(`environment:${environment}`, first, hourAfter(noon));
    const facts = await records.facts.load(
      aDeployment({}, { environment, service: "b" }).subject,
      noon,
      hourAfter(noon),
    );
    const verdict = await records.verdicts.save(evaluate(rules, facts, options), facts, "sweep", second);
    await records.deployments.move(second, "waiting", "queued", { verdict });
    const about = { service: "b", version: "1.0.0", environment };
    const approval = { ...about, person: "bob", decision: "approved", at: noon, reason: null } as const;
    await records.approvals.insert(second, { ...approval, contentDigest: aDigest });
  });
  // The third was queued before the second, although it was requested after it.
  const queue = { holder: first, expectedTo: hourAfter(noon) };
  assert.deepEqual((await store.views.deployment(third))?.queue, { position: 1, ...queue });
  const full = await store.views.deployment(second);
  assert.deepEqual(full?.queue, { position: 2, ...queue });
  assert.deepEqual(
    full?.approvals.map(({ person }) => person),
    ["bob"],
  );
  assert.equal(full?.verdict?.subject.service, "b");
  assert.equal(full?.verdict?.findings.length, rules.length);
  assert.equal((await store.views.deployment(first))?.queue, null);
  assert.equal(await store.views.deployment(aDeployment().id), null);
});

test("the matrix shows what was live and under way at any instant", async () => {
  await using own = await freshStore();
  await transaction(own.pool, (client) => applyDocuments(client, { documents: shop, at: noon, by: "alice" }));
  const at = (hours: number) => noon.add({ hours });
  const id = await insertDeployment(own, aDeployment({ requestedAt: at(1), nextCheckAt: at(1) }));
  await own.transact(async (records) => {
    await records.deployments.move(id, "waiting", "queued", {});
    await records.deployments.move(id, "queued", "running", { startedAt: at(2), percent: 25 });
  });
  const states = async (hours: number) =>
    (await own.views.matrix(at(hours))).open.map(({ state, percent }) => [state, percent]);
  assert.deepEqual(await states(2), [["running", 25]]);
  const live = { service: "checkout-api", environment: "prod", version: "1.0.0", digest: aDigest, deployment: id };
  await own.transact(async (records) => {
    await records.deployments.move(id, "running", "succeeded", { endedAt: at(3), outcome: "Live.", percent: 100 });
    await records.inventory.record({ ...live, at: at(3) });
  });
  assert.deepEqual(
    [await states(0), await states(1), await states(2), await states(3)],
    [[], [["waiting", 0]], [["running", 0]], []],
  );
  assert.deepEqual((await own.views.matrix(at(2))).live, []);
  const end = await own.views.matrix(at(3));
  assert.deepEqual(end.live, [{ service: "checkout-api", environment: "prod", version: "1.0.0", since: at(3) }]);
  assert.deepEqual([end.services.length, end.environments.length], [2, 1]);
  assert.deepEqual((await own.views.matrix(at(-1))).services, []);
});

test("an inbox holds what waits, was asked by others and is not yet decided by its owner", async () => {
  await using own = await freshStore();
  const content = (letter: string) => ({ contentDigest: `sha256:${letter.repeat(64)}` });
  const mine = await insertDeployment(own, aDeployment({}, { service: "mine", requestedBy: "bob", ...content("1") }));
  const open = await insertDeployment(own, aDeployment({}, { service: "open", ...content("2") }));
  const decided = await insertDeployment(own, aDeployment({}, { service: "decided", ...content("3") }));
  await insertDeployment(own, aDeployment({ state: "queued" }, { service: "queued", ...content("4") }));
  const approval = {
    service: "decided",
    version: "1.0.0",
    environment: "prod",
    person: "bob",
    decision: "rejected",
    at: noon,
    reason: "No.",
  } as const;
  await own.transact((records) => records.approvals.insert(decided, { ...approval, ...content("3") }));
  const inboxOf = async (person: string) => (await own.views.undecided(person)).map(({ record }) => record.id);
  assert.deepEqual(await inboxOf("bob"), [open]);
  assert.deepEqual(new Set(await inboxOf("carol")), new Set([mine, open, decided]));
});

const act = {
  at: noon,
  actor: { person: "alice", account: "alice@example.org", method: "token" },
  action: "deployment.request",
  object: "dep_1",
  outcome: "allow",
  reason: "because",
  verdict: null,
  requestId: "req_1",
  before: null,
  after: { state: "queued", at: noon },
} as const;

test("with what is undecided come the route that applies, the author, and the decisions on its content", async () => {
  await using own = await freshStore();
  const digest = `sha256:${"5".repeat(64)}`;
  const artifact = { service: "checkout-api", version: "1.0.0", digest: aDigest, registeredAt: noon };
  await own.transact((records) => records.artifacts.register({ ...artifact, author: "wanda" }));
  const subject = { service: "checkout-api", environment: "prod", requestedBy: "chen", contentDigest: digest };
  const id = await insertDeployment(own, aDeployment({}, subject));
  const [found] = await own.views.undecided("emil");
  assert.equal(found?.record.id, id);
  assert.deepEqual([found.consent.content.author, found.consent.content.requestedBy], ["wanda", "chen"]);
  assert.deepEqual(found.approvals, []);
  assert.deepEqual((await own.views.deployment(id))?.liveVersion, null);
});

test("an audit entry is canonical text with digests, kept as it was written", async () => {
  await using own = await freshStore();
  await own.transact((records) => records.audit.append(act));
  const [exported] = await own.views.auditRange(null, null, 10);
  const text = exported?.entry;
  assert.ok(text !== undefined);
  assert.equal(canonical(JSON.parse(text)), text);
  const value = { state: "queued", at: noon.toString() };
  const entry = { ...act, at: noon.toString(), after: { digest: sha256Of(canonical(value)), value } };
  const { id, ...rest } = z.looseObject({ id: z.string() }).parse(JSON.parse(text));
  assert.deepEqual(rest, entry);
  const [line] = (await own.views.audit({ object: null, action: null, limit: 5, cursor: null })).items;
  const { verdict, action, object, outcome, reason } = act;
  assert.deepEqual(line, { seq: 1, id, at: noon, ...act.actor, verdict, action, object, outcome, reason });
  for (const write of [
    sql`update audit_entry set entry = '{}'`,
    sql`delete from audit_entry`,
    sql`truncate audit_entry`,
  ]) {
    await assert.rejects(execute(own.pool, write), /never changed or deleted/);
  }
});

test("of a large value an audit entry keeps the digest only", async () => {
  await using own = await freshStore();
  const largest = "x".repeat(maxAuditValueBytes - 2);
  await own.transact((records) => records.audit.append({ ...act, before: largest, after: `${largest}x` }));
  const [exported] = await own.views.auditRange(null, null, 10);
  const text = exported?.entry;
  const keys = z.record(z.string(), z.unknown()).transform((value) => Object.keys(value));
  const entry = z.object({ before: keys, after: keys }).parse(JSON.parse(text ?? ""));
  assert.deepEqual(entry, { before: ["digest", "value"], after: ["digest"] });
});

test("the record is read newest first by page, and exported oldest first by time", async () => {
  await using own = await freshStore();
  for (let index = 0; index < 5; index++) {
    const change = { at: noon.add({ hours: index }), object: `dep_${index % 2}`, action: index < 4 ? "a.b" : "c.d" };
    await own.transact((records) => records.audit.append({ ...act, ...change }));
  }
  const page = (filter: object) => own.views.audit({ object: null, action: null, limit: 2, cursor: null, ...filter });
  const first = await page({});
  assert.deepEqual(
    first.items.map(({ seq }) => seq),
    [5, 4],
  );
  const second = await page({ cursor: first.next });
  assert.deepEqual(
    (await page({ cursor: second.next })).items.map(({ seq }) => seq),
    [1],
  );
  assert.deepEqual(
    (await page({ object: "dep_1" })).items.map(({ seq }) => seq),
    [4, 2],
  );
  assert.deepEqual(
    (await page({ object: "dep_0", action: "c.d" })).items.map(({ seq }) => seq),
    [5],
  );
  const range = async (since: Temporal.Instant | null, until: Temporal.Instant | null, limit = 10) =>
    (await own.views.auditRange(since, until, limit)).map(({ entry }): unknown => JSON.parse(entry).at);
  assert.deepEqual(await range(hourAfter(noon), noon.add({ hours: 3 })), [
    "2026-11-02T13:00:00Z",
    "2026-11-02T14:00:00Z",
  ]);
  assert.equal((await range(null, null, 3)).length, 3);
});
