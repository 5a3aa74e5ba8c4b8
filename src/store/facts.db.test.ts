import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Document } from "#config/document.ts";
import { canonical } from "#core/audit/canonical.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { rules } from "#core/policy/registry.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { applyDocuments } from "#store/configuration.ts";
import type { StoredDeployment } from "#store/deployment.ts";
import { execute, sql, transaction } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { findVerdict, parseVerdict, saveVerdict, verdictsAfter } from "#store/verdict.ts";
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

const subject: Subject = aDeployment().subject;
const apply = (store: TestStore, documents: readonly Document[], at: Temporal.Instant) =>
  transaction(store.pool, (client) => applyDocuments(client, { documents, at, by: "alice" }));
const load = (store: TestStore, about: Partial<Subject> = {}, at = noon): Promise<Facts> =>
  store.transact((records) => records.facts.load({ ...subject, ...about }, at, at.add({ hours: 24 * 60 })));
const namesOf = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

test("before any configuration nothing is known, and nothing is made up", async () => {
  await using store = await freshStore();
  const facts = await load(store);
  assert.deepEqual([facts.service, facts.environment, facts.artifact], [null, null, null]);
  assert.deepEqual(
    [facts.deployed, facts.bookings, facts.durations, facts.locks, facts.approvals],
    [[], [], [], [], []],
  );
});

test("catalog and calendar are those of the instant asked about", async () => {
  await using store = await freshStore();
  await apply(
    store,
    shop.filter(({ name }) => name !== "checkout-api"),
    noon,
  );
  await apply(store, shop, hourAfter(noon));
  const before = await load(store);
  assert.equal(before.service, null);
  assert.deepEqual(before.nearest, { services: [], environments: [] });
  const after = await load(store, {}, hourAfter(noon));
  assert.deepEqual([after.service?.name, after.environment?.zone], ["checkout-api", "Europe/Berlin"]);
  assert.deepEqual([namesOf(after.windows), namesOf(after.routes)], [["prod-days"], ["prod"]]);
  assert.deepEqual([...after.people.keys()].sort(), ["alice", "bob", "carol"]);
  const pricing = await load(store, { service: "pricing-svc" }, hourAfter(noon));
  assert.deepEqual(namesOf(pricing.windows), ["prod-days", "staging-nights"]);
  const slip = await load(store, { service: "checkout-app" }, hourAfter(noon));
  assert.deepEqual(slip.nearest, { services: ["checkout-api"], environments: [] });
});

/** checkout-api needs pricing-svc. */
const connected = shop.map((document) => {
  if (document.name !== "checkout-api") return document;
  return { ...document, spec: { ...document.spec, dependsOn: [{ service: "pricing-svc", kind: "sync" }] } };
});

test("artifact, decisions, inventory and bookings of neighbours are those of the instant asked about", async () => {
  await using store = await freshStore();
  await apply(store, connected, noon);
  await insertDeployment(store, aDeployment({ requestedAt: hourAfter(noon) }, { service: "stranger" }));
  const other = aDeployment({ requestedAt: hourAfter(noon) }, { service: "pricing-svc" });
  const own = aDeployment({ requestedAt: hourAfter(noon) });
  await insertDeployment(store, other);
  await insertDeployment(store, own);
  const live = { service: "pricing-svc", environment: "prod", version: "0.9.0", digest: aDigest, deployment: null };
  await store.transact(async (records) => {
    const { service, version, environment } = subject;
    await records.artifacts.register({
      service,
      version,
      digest: aDigest,
      author: "bob",
      registeredAt: hourAfter(noon),
    });
    const approval = { service, version, environment, person: "bob", decision: "approved", reason: null } as const;
    await records.approvals.insert(own.id, { ...approval, contentDigest: aDigest, at: hourAfter(noon) });
    await records.inventory.record({ ...live, at: hourAfter(noon) });
    await records.locks.take("environment:prod", other.id, noon.add({ hours: 3 }));
    await records.locks.take("environment:other", other.id, null);
  });
  const before = await load(store);
  assert.deepEqual([before.artifact, before.approvals, before.deployed, before.bookings], [null, [], [], []]);
  const after = await load(store, { onBehalfOf: own.id }, hourAfter(noon));
  assert.equal(after.artifact === "assumed" ? null : after.artifact?.author, "bob");
  assert.deepEqual(
    after.approvals.map(({ person, at }) => [person, String(at)]),
    [["bob", String(hourAfter(noon))]],
  );
  assert.deepEqual(after.deployed, [
    { service: "pricing-svc", version: "0.9.0", environment: "prod", since: hourAfter(noon) },
  ]);
  assert.deepEqual(after.bookings, [
    {
      id: other.booking,
      service: "pricing-svc",
      version: "1.0.0",
      environment: "prod",
      from: hourAfter(noon),
      to: noon.add({ hours: 2 }),
    },
  ]);
  assert.deepEqual(
    after.locks.map(({ key, holder, until }) => [key, holder, String(until)]),
    [["environment:prod", other.id, String(noon.add({ hours: 3 }))]],
  );
  await store.transact((records) =>
    records.deployments.move(other.id, "waiting", "cancelled", { endedAt: noon.add({ hours: 2 }), outcome: "Gone." }),
  );
  assert.deepEqual((await load(store, { onBehalfOf: own.booking }, noon.add({ hours: 2 }))).bookings, []);
  assert.equal((await load(store, { onBehalfOf: own.id }, hourAfter(noon))).bookings.length, 1);
});

/** A deployment that ran for so many minutes from noon. */
function ran(minutes: number, change: Partial<StoredDeployment> = {}, about: Partial<Subject> = {}): StoredDeployment {
  const endedAt = noon.add({ minutes });
  return aDeployment({ state: "succeeded", startedAt: noon, endedAt, ...change }, about);
}

test("how long it takes is the P95 of the service there, else of the environment, and unknown with four runs", async () => {
  await using store = await freshStore();
  await apply(store, shop, noon);
  const at = noon.add({ hours: 48 });
  for (const minutes of [10, 11, 12, 13]) await insertDeployment(store, ran(minutes));
  assert.deepEqual((await load(store, {}, at)).durations, []);
  await insertDeployment(store, ran(90, {}, { service: "pricing-svc" }));
  const durations = async () =>
    (await load(store, {}, at)).durations.map(({ p95, rollbackP95 }) => [String(p95), String(rollbackP95)]);
  assert.deepEqual(await durations(), [["PT1H30M", "PT1H30M"]]);
  await insertDeployment(store, ran(14));
  await insertDeployment(store, ran(600, { state: "failed" }));
  assert.deepEqual(await durations(), [["PT14M", "PT14M"]]);
  // One way back is longer than a run; until five were seen the longest counts.
  await insertDeployment(store, ran(20, {}, { action: "roll-back" }));
  assert.deepEqual(await durations(), [["PT14M", "PT20M"]]);
  for (let index = 0; index < 4; index++) {
    const back = ran(60, { state: "rolled-back" });
    await insertDeployment(store, back);
    const line = { step: "roll-back", phase: "started", sentence: "Back.", detail: null } as const;
    for (const minute of [57, 58]) {
      const told = { ...line, deployment: back.id, at: noon.add({ minutes: minute }), name: `back ${minute}` };
      await store.transact((records) => records.timeline.append(told));
    }
  }
  assert.deepEqual(await durations(), [["PT14M", "PT20M"]]);
  assert.deepEqual((await load(store, {}, noon.add({ minutes: 13 }))).durations, []);
});

test("only the last fifty ended deployments say how long it takes", async () => {
  await using store = await freshStore();
  for (let index = 0; index < 5; index++) await insertDeployment(store, ran(500));
  for (let index = 0; index < 50; index++) {
    await insertDeployment(store, ran(600 + index, { startedAt: noon.add({ minutes: 590 + index }) }));
  }
  const [known] = (await load(store, {}, noon.add({ hours: 48 }))).durations;
  assert.equal(String(known?.p95), "PT10M");
});

const options = {
  hash: (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`,
  zoneData: process.versions["tz"] ?? "unknown",
};

test("a stored verdict is judged again on its stored facts to the same bytes", async () => {
  await using store = await freshStore();
  await apply(store, shop, noon);
  const facts = await load(store);
  const verdict = evaluate(rules, facts, options);
  assert.notEqual(verdict.decision, "allow");
  const id = await store.transact((records) => records.verdicts.save(verdict, facts, "question", null));
  const stored = await findVerdict(store.pool, id);
  assert.ok(stored !== null);
  assert.equal(stored.verdict, verdictText(verdict));
  assert.equal(stored.facts, canonical(factsToJson(facts)));
  assert.deepEqual(parseVerdict(stored.verdict), verdict);
  const again = factsFromJson(JSON.parse(stored.facts));
  assert.ok(again.ok);
  assert.equal(verdictText(evaluate(rules, again.value, options)), stored.verdict);
  assert.deepEqual(await verdictsAfter(store.pool, null, 10), [stored]);
  assert.deepEqual(await verdictsAfter(store.pool, id, 10), []);
});

test("a verdict is never overwritten, changed, deleted or truncated", async () => {
  await using store = await freshStore();
  const facts = await load(store);
  const verdict = evaluate(rules, facts, options);
  const id = await store.transact((records) => records.verdicts.save(verdict, facts, "question", null));
  const judged = { verdict: { ...verdict, decision: "allow" }, facts, gate: "start", deployment: null } as const;
  await assert.rejects(saveVerdict(store.pool, id, judged), /duplicate key/);
  for (const write of [
    sql`update verdict set decision = 'allow'`,
    sql`delete from verdict`,
    sql`truncate verdict cascade`,
  ]) {
    await assert.rejects(execute(store.pool, write), /never changed or deleted/);
  }
  await assert.rejects(execute(store.pool, sql`truncate approval cascade`), /never changed or deleted/);
  await assert.rejects(execute(store.pool, sql`truncate deployment cascade`), /never changed or deleted/);
  assert.equal((await findVerdict(store.pool, id))?.verdict, verdictText(verdict));
});
