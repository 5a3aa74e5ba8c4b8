import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { liveAt } from "#store/inventory.ts";
import { query, sql } from "#store/sql.ts";
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

const live = (service: string, version: string, at: Temporal.Instant) => ({
  service,
  environment: "prod",
  version,
  digest: aDigest,
  at,
  deployment: null,
});
const versionAt = async (service: string, at: Temporal.Instant) =>
  (await liveAt(store.pool, at)).find((each) => each.service === service)?.version;

test("what was live at an instant can be asked for ever after, half-open at the change", async () => {
  await store.transact((records) => records.inventory.record(live("moved", "1.0.0", noon)));
  await store.transact((records) => records.inventory.record(live("moved", "2.0.0", hourAfter(noon))));
  assert.equal(await versionAt("moved", noon.subtract({ microseconds: 1 })), undefined);
  assert.equal(await versionAt("moved", noon), "1.0.0");
  assert.equal(await versionAt("moved", hourAfter(noon).subtract({ microseconds: 1 })), "1.0.0");
  assert.equal(await versionAt("moved", hourAfter(noon)), "2.0.0");
  const current = await store.transact((records) => records.inventory.current("moved", "prod"));
  assert.deepEqual(current, { version: "2.0.0", digest: aDigest });
});

test("the same again changes nothing, so a repeated step writes once", async () => {
  await store.transact((records) => records.inventory.record(live("repeated", "1.0.0", noon)));
  await store.transact((records) => records.inventory.record(live("repeated", "1.0.0", hourAfter(noon))));
  const rows = await query(store.pool, sql`select 1 from deployed where service = 'repeated'`, () => null);
  assert.equal(rows.length, 1);
});

test("a record with the clock set back follows what is there", async () => {
  await store.transact((records) => records.inventory.record(live("set-back", "1.0.0", hourAfter(noon))));
  await store.transact((records) => records.inventory.record(live("set-back", "2.0.0", noon)));
  assert.equal(await versionAt("set-back", hourAfter(noon)), "1.0.0");
  assert.equal(await versionAt("set-back", hourAfter(noon).add({ microseconds: 1 })), "2.0.0");
});

test("nothing is live where nothing was recorded", async () => {
  assert.equal(await store.transact((records) => records.inventory.current("nobody", "prod")), null);
});

test("a version keeps its digest and its author", async () => {
  const artifact = { service: "built", version: "1.0.0", digest: aDigest, author: "bob", registeredAt: noon };
  const register = (change: object) =>
    store.transact((records) => records.artifacts.register({ ...artifact, ...change }));
  assert.equal(await register({}), "registered");
  assert.equal(await register({ registeredAt: hourAfter(noon), author: "mallory" }), "known");
  assert.equal(await register({ digest: `sha256:${"b".repeat(64)}` }), "conflict");
  assert.deepEqual(await store.transact((records) => records.artifacts.find("built", "1.0.0")), artifact);
  assert.equal(await store.transact((records) => records.artifacts.find("built", "2.0.0")), null);
  await assert.rejects(register({ version: "2.0.0", digest: "sha256:short" }), /violates check constraint/);
});

test("a person decides once on a content", async () => {
  const deployment = await insertDeployment(store, aDeployment({}, { service: "approved" }));
  const approval = {
    service: "approved",
    version: "1.0.0",
    environment: "prod",
    person: "bob",
    decision: "approved",
    at: noon,
    contentDigest: "sha256:content",
    reason: null,
  } as const;
  const decide = (change: object) =>
    store.transact((records) => records.approvals.insert(deployment, { ...approval, ...change }));
  assert.deepEqual(await Promise.all([decide({}), decide({ decision: "rejected" })]).then((all) => all.sort()), [
    false,
    true,
  ]);
  assert.equal(await decide({ person: "carol" }), true);
  assert.equal(await decide({ contentDigest: "sha256:other" }), true);
  await assert.rejects(decide({ contentDigest: null }), /without the digest/);
});

test("a repeated line of a timeline is written once", async () => {
  const deployment = await insertDeployment(store, aDeployment({}, { service: "told" }));
  const line = {
    deployment,
    at: noon,
    step: "smoke",
    name: "smoke 1",
    phase: "done",
    sentence: "3 of 3 checks passed.",
    detail: { checks: 3 },
  } as const;
  assert.equal(await store.transact((records) => records.timeline.append(line)), true);
  assert.equal(await store.transact((records) => records.timeline.append({ ...line, sentence: "Again." })), false);
  assert.equal(
    await store.transact((records) => records.timeline.append({ ...line, phase: "info", detail: null })),
    true,
  );
  const timeline = (await store.views.deployment(deployment))?.timeline ?? [];
  const [first = 0, second = 0] = timeline.map(({ seq }) => seq);
  assert.ok(first < second);
  assert.deepEqual(timeline, [
    { ...line, seq: first },
    { ...line, phase: "info", detail: null, seq: second },
  ]);
});

test("a second of traffic that is written again keeps the last figures", async () => {
  const deployment = await insertDeployment(store, aDeployment({}, { service: "measured" }));
  const sample = { second: 1_793_000_000, arm: "canary", requests: 10, errors: 1, p95Ms: 12.5 } as const;
  const idle = { ...sample, arm: "control", requests: 0, errors: 0, p95Ms: null } as const;
  await store.transact((records) => records.timeline.keepSights([{ deployment, samples: [sample, idle], looks: [] }]));
  await store.transact((records) =>
    records.timeline.keepSights([{ deployment, samples: [{ ...sample, requests: 11 }], looks: [] }]),
  );
  await store.transact((records) => records.timeline.keepSights([{ deployment, samples: [], looks: [] }]));
  assert.deepEqual(await store.views.traffic(deployment), [{ ...sample, requests: 11 }, idle]);
});
