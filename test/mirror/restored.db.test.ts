import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { judge } from "#main/bind-operations.ts";
import { bindQuestions } from "#main/bind-questions.ts";
import { bindRejudge } from "#main/bind-rejudge.ts";
import { openFactMemory, type FactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { applyDocuments } from "#store/configuration.ts";
import { migrate } from "#store/migrate.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { recordsOf } from "#store/records.ts";
import { createPool, transaction } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { verdictsAfter } from "#store/verdict.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import { freshDatabase, type TestDatabase } from "#test/support/postgres.ts";
import { aDeployment, hourAfter, noon } from "#test/support/store.ts";

/*
 * Behind the same address a database of before: a standby that lacked the last commits was promoted, or a backup was
 * restored, while this process lives on with what it has read and stored. Made here by taking a copy and putting it in
 * the place of the database.
 */

const people = Array.from(
  { length: 20 },
  (_, place) => `kind: Person\nmetadata: { name: person-${place} }\nspec: { teams: [checkout], roles: [viewer] }`,
);
const quiet = [...shop.filter(({ kind }) => kind !== "ApprovalRoute"), ...documentsOf(people.join("\n---\n"))];
const frozen = [
  ...quiet,
  ...documentsOf(`kind: Freeze
metadata: { name: books }
spec: { scope: {}, strength: hard, zone: Europe/Berlin, start: 2026-11-01T00:00, end: 2026-12-01T00:00, owner: checkout }`),
];

const subject: Subject = {
  service: "checkout-api",
  version: "1.0.0",
  environment: "prod",
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: "alice",
  contentDigest: null,
  onBehalfOf: null,
};

let database: TestDatabase;
let pool: Pool;
let admin: Pool;
let memory: FactMemory;
let answerNow: ReturnType<typeof bindQuestions>;
let rejudge: ReturnType<typeof bindRejudge>;
const now = noon;

before(async () => {
  database = await freshDatabase();
  const { connectionString } = database;
  const elsewhere = new URL(connectionString);
  elsewhere.pathname = "/postgres";
  admin = createPool(elsewhere.href, { max: 1, name: "tidegate test" });
  const first = createPool(connectionString, { max: 1, name: "tidegate test" });
  const migrated = await migrate(first);
  assert.ok(migrated.ok);
  await transaction(first, (client) => applyDocuments(client, { documents: quiet, at: now, by: "alice" }));
  await first.query(
    "insert into artifact (service, version, digest, registered_at) values ('checkout-api', '1.0.0', $1, $2)",
    [`sha256:${"a".repeat(64)}`, now.toString()],
  );
  await transaction(first, (client) =>
    recordsOf(client, { organisations: createOrganisationCache() }).deployments.insert(
      aDeployment({ nextCheckAt: now }, { version: "2.0.0" }),
      { from: now, to: hourAfter(now) },
    ),
  );
  await first.end();
  await admin.query(`create database ${nameOf()}_backup template ${nameOf()}`);
  pool = createPool(connectionString, { max: 5, name: "tidegate test" });
  const organisations = createOrganisationCache();
  const log = createLog({ level: "silent" });
  memory = openFactMemory({ pool, organisations, now: () => now, log, canGoBack: false });
  answerNow = bindQuestions({ pool, memory, now: () => now, judge });
  rejudge = bindRejudge({ pool, memory, now: () => now, judge, resume: () => Promise.resolve(0) });
  while (answerNow() === null) await delay(10);
});
after(async () => {
  await memory.stop();
  await pool.end();
  await admin.query(`drop database if exists ${nameOf()}_lost with (force)`);
  await admin.query(`drop database if exists ${nameOf()}_backup with (force)`);
  await admin.end();
  await database[Symbol.asyncDispose]();
});

function nameOf(): string {
  return new URL(database.connectionString).pathname.slice(1);
}

async function ask(): Promise<Verdict> {
  for (let tries = 0; ; tries++) {
    try {
      const verdict = await answerNow()?.({
        subject,
        actor: { person: "alice", account: "alice", method: "token" },
        requestId: null,
      });
      if (verdict !== null && verdict !== undefined) return verdict;
    } catch (error) {
      // Connections of the database that is gone.
      if (tries > 100) throw error;
    }
    assert.ok(tries <= 100, "there is never an answer");
    await delay(50);
  }
}

async function restore(): Promise<void> {
  const name = nameOf();
  for (let tries = 0; ; tries++) {
    try {
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
      await admin.query(`alter database ${name} rename to ${name}_lost`);
      break;
    } catch (error) {
      if (tries > 50) throw error;
      await delay(20);
    }
  }
  await admin.query(`alter database ${name}_backup rename to ${name}`);
}

async function assertReadable(): Promise<void> {
  const stored = await verdictsAfter(pool, null, 100);
  assert.ok(stored.length > 0);
  for (const { id, facts, verdict } of stored) {
    const read = factsFromJson(JSON.parse(facts));
    assert.ok(read.ok, `${id} has facts that are not there`);
    assert.equal(verdictText(judge(read.value)), verdict);
  }
}

test("behind a database that was put back, answers are those of its facts, and every one is stored whole", async () => {
  assert.equal((await ask()).decision, "allow");
  assert.equal(await rejudge(), 1);
  await transaction(pool, (client) => applyDocuments(client, { documents: frozen, at: now, by: "alice" }));
  assert.notEqual((await ask()).decision, "allow");
  await assertReadable();
  await restore();
  assert.equal((await ask()).decision, "allow", "the freeze was lost with the database of before");
  await assertReadable();
});

test("waiting work that is judged again there is stored whole too", async () => {
  assert.equal(await rejudge(), 1);
  const stored = await verdictsAfter(pool, null, 100);
  assert.equal(stored.filter(({ gate }) => gate === "sweep").length, 1);
  await assertReadable();
});
