import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { assert as check, asyncProperty, integer } from "fast-check";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { judge } from "#main/bind-operations.ts";
import { bindQuestions } from "#main/bind-questions.ts";
import { openFactMemory, type FactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { newId } from "#runtime/ids.ts";
import { applyDocuments } from "#store/configuration.ts";
import { approveExemption, insertExemption, revokeExemption } from "#store/exemption.ts";
import { endHold, insertHold } from "#store/hold.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { insertReport } from "#store/report.ts";
import { transaction } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { horizonOf, makeAskVerdict } from "#usecases/policy/ask-verdict.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import { aDeployment, aDigest, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";

/*
 * Memory knows what is. A question about an instant before something came or ceased, be it asked for by name or be it that
 * the clock was set back, is answered as of then all the same.
 */

const service = "checkout-api";
const subject: Subject = {
  service,
  version: "1.0.0",
  environment: "prod",
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: "alice",
  contentDigest: null,
  onBehalfOf: null,
};
const depending = shop.map((document) =>
  document.kind === "Service" && document.name === service
    ? { ...document, spec: { ...document.spec, dependsOn: [{ service: "pricing-svc", kind: "sync" }] } }
    : document,
);
const barred = [
  ...depending,
  ...documentsOf(`kind: Policy
metadata: { name: bar }
spec: { level: central, owner: checkout, scope: {}, settings: { evidence: [{ kind: coverage, min: 80 }] } }`),
];
const actor = { person: "alice", account: "alice", method: "token" } as const;

let store: TestStore;
let memory: FactMemory;
let now = noon;
let answerNow: ReturnType<typeof bindQuestions>;
const log = createLog({ level: "silent" });

/** One after the other, an hour apart, beginning at noon. */
const history: readonly (() => Promise<unknown>)[] = [
  () => apply(depending),
  () =>
    store.transact((records) =>
      records.artifacts.register({ service, version: "1.0.0", digest: aDigest, registeredAt: now, author: null }),
    ),
  () => approve("1.0.0"),
  () => live("0.9.0"),
  () => insertHold(store.pool, { ...hold, since: now, until: null }),
  () => signal("degraded"),
  () => endHold(store.pool, hold.id, { at: now, by: "alice", reason: "Over." }),
  () => signal("ok"),
  () => apply(barred),
  async () => {
    exemption = await insertExemption(store.pool, { ...exempted, from: now, requestedAt: now });
    await approveExemption(store.pool, exemption, "bob", now);
  },
  () => live("1.0.0"),
  () => revokeExemption(store.pool, exemption, { at: now, by: "bob", reason: "Over." }),
  () => apply(depending),
];

let exemption = "";
const exempted = {
  type: "evidence",
  rule: "evidence-fresh",
  codes: ["evidence-missing"],
  subjects: ["coverage"],
  scope: { services: [service] },
  justification: "No code of its own.",
  controls: [],
  until: noon.add({ hours: 24 * 30 }),
  renews: null,
  renewal: 0,
  requestedBy: "alice",
};
const hold = { id: newId("hold"), scope: { services: [service] }, reason: "Looking.", by: "alice", liftedBy: "alice" };

async function apply(documents: typeof shop): Promise<void> {
  await transaction(store.pool, (client) => applyDocuments(client, { documents, at: now, by: "alice" }));
}

async function approve(version: string): Promise<void> {
  const deployment = await insertDeployment(
    store,
    aDeployment({ state: "rejected", requestedAt: now, endedAt: now }, { version }),
  );
  await store.pool.query(
    `insert into approval (id, deployment_id, service, version, environment, person, decision, content_digest, at)
     values ($1, $2, $3, $4, 'prod', 'bob', 'approved', $5, $6)`,
    [newId("approval"), deployment, service, version, aDigest, now.toString()],
  );
}

async function live(version: string): Promise<void> {
  const seen = { service, environment: "prod", version, digest: aDigest, at: now, deployment: null };
  await store.transact((records) => records.inventory.record(seen));
}

async function signal(status: "degraded" | "ok"): Promise<void> {
  const record = { service: "pricing-svc", environment: null, status, source: "probe", at: now, ref: null };
  const report = { kind: "signal", record } as const;
  await insertReport(store.pool, { id: newId("report"), report, receivedAt: now, by: "alice", account: "alice" });
}

const last = noon.add({ hours: history.length - 1 });

before(async () => {
  store = await freshStore();
  for (const [hours, act] of history.entries()) {
    now = noon.add({ hours });
    await act();
  }
  now = last;
  const { pool } = store;
  memory = openFactMemory({ pool, organisations: createOrganisationCache(), now: () => now, log, canGoBack: true });
  answerNow = bindQuestions({ pool, memory, now: () => now, judge });
  while (answerNow() === null) await delay(10);
});
after(async () => {
  await memory.stop();
  await store[Symbol.asyncDispose]();
});

const ofDatabase = (at: Temporal.Instant): Promise<Facts> =>
  store.transact((records) => records.facts.load(subject, at, horizonOf(at)));
/** The database names more than concerns the subject, so digests differ; nothing else may. */
const saidBy = (verdict: Verdict): unknown => JSON.parse(verdictText({ ...verdict, factsDigest: "" }));

const instants = integer({ min: -90, max: history.length * 60 + 90 }).map((minutes) => noon.add({ minutes }));

test("an answer is that of the facts as of its instant, wherever the clock is set to", async () => {
  let fromMemory = 0;
  const outcomes = new Set<string>();
  await check(
    asyncProperty(instants, async (at) => {
      now = at;
      const answer = answerNow();
      const inMemory = answer === null ? null : await answer({ subject, actor, requestId: null });
      const expected = saidBy(judge(await ofDatabase(at)));
      outcomes.add(JSON.stringify(expected));
      if (inMemory === null) return;
      fromMemory++;
      assert.deepEqual(saidBy(inMemory), expected, at.toString());
    }),
    { numRuns: 60, examples: [[last], [last.subtract({ minutes: 1 })], [last.add({ hours: 1 })], [noon]] },
  );
  assert.ok(outcomes.size > 5, "answers are others at other instants, or the test shows nothing");
  assert.ok(fromMemory > 1, "from the last fact on they come from memory");
});

test("a question about an instant of before is answered as of then, by the API's own use case", async () => {
  now = last.add({ hours: 1 });
  const askVerdict = makeAskVerdict({ now: () => now, transact: store.transact, judge, answerNow });
  for (const [hours] of history.entries()) {
    const at = noon.add({ hours, minutes: 30 });
    const verdict = await askVerdict({ subject, at }, { actor, requestId: "req-test" });
    assert.deepEqual(saidBy(verdict), saidBy(judge(await ofDatabase(at))), at.toString());
  }
});

test("what another process writes after the clock was set back is answered as of its instant as well", async () => {
  const set = last.add({ hours: 5 });
  now = set;
  await live("1.1.0");
  now = last.add({ hours: 2 });
  // The first may be one that was under way already, and has read before the other process wrote.
  await memory.refresh();
  await memory.refresh();
  assert.equal(answerNow(), null);
  now = set;
  const answered = await answerNow()?.({ subject, actor, requestId: null });
  assert.ok(answered !== undefined && answered !== null);
  assert.deepEqual(saidBy(answered), saidBy(judge(await ofDatabase(set))));
});
