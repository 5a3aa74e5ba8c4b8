import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { bindQuestions } from "#main/bind-questions.ts";
import { openFactMemory, type FactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { sha256Of } from "#runtime/digest.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { execute, query, sql, transaction } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { verdictsAfter } from "#store/verdict.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { freshStore, noon, type TestStore } from "#test/support/store.ts";

/** Enough people to be a part of their own. */
const crowd = Array.from(
  { length: 20 },
  (_, place) => `kind: Person\nmetadata: { name: person-${place} }\nspec: { teams: [shop], roles: [viewer] }`,
).join("\n---\n");

const world = (freeze = ""): string => `
kind: Team
metadata: { name: shop }
spec: { unit: retail }
---
kind: Unit
metadata: { name: retail }
spec: {}
---
kind: Person
metadata: { name: ann }
spec: { teams: [shop], roles: [developer] }
---
kind: Service
metadata: { name: web }
spec: { unit: retail, team: shop, tier: 3 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, protected: true }
---
${crowd}
${freeze}`;
const frozen = world(`---
kind: Freeze
metadata: { name: books }
spec: { scope: {}, strength: hard, zone: Europe/Berlin, start: 2026-11-01T00:00, end: 2026-12-01T00:00, owner: shop }
`);

const actor = { person: "ann", account: "ann", method: "token" } as const;
const subject: Subject = {
  service: "web",
  version: "1.0.0",
  environment: "prod",
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: "ann",
  contentDigest: null,
  onBehalfOf: null,
};

const judge = (facts: Facts): Verdict => evaluate(rules, facts, { hash: sha256Of, zoneData: "test" });

let store: TestStore;
let memory: FactMemory;
let answerNow: ReturnType<typeof bindQuestions>;
let now = noon;

before(async () => {
  store = await freshStore();
  await apply(world());
  const digest = `sha256:${"a".repeat(64)}`;
  await store.transact((records) =>
    records.artifacts.register({ service: "web", version: "1.0.0", digest, registeredAt: noon, author: null }),
  );
  const { pool } = store;
  const log = createLog({ level: "silent" });
  memory = openFactMemory({ pool, organisations: createOrganisationCache(), now: () => now, log, canGoBack: false });
  answerNow = bindQuestions({ pool, memory, now: () => now, judge });
  while (answerNow() === null) await new Promise((resolve) => setTimeout(resolve, 10));
});
after(async () => {
  await memory.stop();
  await store[Symbol.asyncDispose]();
});

async function apply(yaml: string): Promise<void> {
  await transaction(store.pool, (client) =>
    applyDocuments(client, { documents: documentsOf(yaml), at: now, by: "ann" }),
  );
  now = now.add({ seconds: 1 });
}

async function ask(requestId: string): Promise<Verdict> {
  const verdict = await answerNow()?.({ subject, actor, requestId });
  assert.ok(verdict !== null && verdict !== undefined, "the facts in memory are behind");
  return verdict;
}

test("simultaneous questions are each answered, stored, and entered in the record", async () => {
  const verdicts = await Promise.all(Array.from({ length: 100 }, (_, place) => ask(`req-${place}`)));
  assert.deepEqual(new Set(verdicts.map(({ decision }) => decision)), new Set(["allow"]));
  const stored = await verdictsAfter(store.pool, null, 1_000);
  assert.equal(stored.length, 100);
  const entries = sql`select request_id, verdict_id, outcome from audit_entry where action = 'verdict.ask'`;
  const row = z.object({ request_id: z.string(), verdict_id: z.string(), outcome: z.string() });
  const recorded = await query(store.pool, entries, row);
  assert.equal(new Set(recorded.map((entry) => entry.request_id)).size, 100);
  assert.deepEqual(new Set(recorded.map((entry) => entry.verdict_id)), new Set(stored.map(({ id }) => id)));
});

test("what is stored by parts is judged again to the same verdict, byte for byte", async () => {
  for (const { verdict, facts } of await verdictsAfter(store.pool, null, 1_000)) {
    const decoded = factsFromJson(JSON.parse(facts));
    assert.ok(decoded.ok, decoded.ok ? "" : decoded.error.message);
    assert.equal(verdictText(judge(decoded.value)), verdict);
  }
});

test("a part that somebody took away makes the facts unreadable instead of different", async () => {
  const [first] = await verdictsAfter(store.pool, null, 1);
  assert.ok(first !== undefined);
  await transaction(store.pool, async (client) => {
    await execute(client, sql`set local session_replication_role = replica`);
    assert.ok((await execute(client, sql`delete from fact_part`)) > 0);
    const [found] = await verdictsAfter(client, null, 1);
    assert.throws(() => JSON.parse(found?.facts ?? ""));
    throw new Error("put it back");
  }).catch((error: unknown) => assert.match(String(error), /put it back/));
});

test("once a freeze is acknowledged, nobody who asks afterwards is told to go", async () => {
  assert.equal((await ask("before")).decision, "allow");
  for (let round = 0; round < 20; round++) {
    const underWay = Array.from({ length: 10 }, () => ask("meanwhile"));
    await apply(frozen);
    const answered = await Promise.all(Array.from({ length: 10 }, () => ask("after")));
    assert.deepEqual(new Set(answered.map(({ decision }) => decision)), new Set(["wait"]));
    await Promise.all(underWay);
    await apply(world());
    assert.equal((await ask("thawed")).decision, "allow");
  }
});

test("a question that cannot be judged takes none of the others with it", async () => {
  const picky = bindQuestions({
    pool: store.pool,
    memory,
    now: () => now,
    judge: (facts) => {
      if (facts.subject.version === "broken") throw new Error("cannot be judged");
      return judge(facts);
    },
  });
  const answer = picky();
  assert.ok(answer !== null);
  const asked = ["1.0.0", "broken", "1.0.0"].map((version) =>
    answer({ subject: { ...subject, version }, actor, requestId: version }),
  );
  const settled = await Promise.allSettled(asked);
  assert.deepEqual(
    settled.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
});
