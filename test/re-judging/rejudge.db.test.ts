import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { DeploymentId } from "#core/id.ts";
import { at } from "#core/testing.ts";
import { bindRejudge } from "#main/bind-rejudge.ts";
import { judge } from "#main/bind-operations.ts";
import { openFactMemory, type FactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { execute, sql } from "#store/sql.ts";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";

const wednesday = at("2026-03-25T08:00Z");
const weekend = `${sampleWorld}---
kind: Window
metadata: { name: weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }
`;
const frozen = `${weekend}---
kind: Freeze
metadata: { name: books }
spec: { scope: { services: [ledger-core] }, strength: hard, zone: Europe/Berlin, start: 2026-03-27T18:00, end: 2026-04-02T06:00, owner: ledger }
`;

let plane: CalendarPlane;
let memory: FactMemory;
let rejudge: () => Promise<number>;
/** Work that the sweep wanted started before the rest. */
let started: DeploymentId[];
const resume = (ids: readonly DeploymentId[]): Promise<number> => {
  started.push(...ids);
  return Promise.resolve(ids.length);
};

beforeEach(async () => {
  plane = await openCalendarPlane(weekend, wednesday);
  const { pool } = plane.store;
  const now = (): Temporal.Instant => plane.clock.now;
  const log = createLog({ level: "silent" });
  memory = openFactMemory({ pool, organisations: createOrganisationCache(), now, log, canGoBack: false });
  while (memory.known() === null) await delay(10);
  started = [];
  rejudge = bindRejudge({ pool, memory, now, judge, resume });
});
afterEach(async () => {
  await memory.stop();
  await plane[Symbol.asyncDispose]();
});

async function apply(yaml: string): Promise<void> {
  const input = { files: [{ path: "world.yaml", text: yaml }], mode: "apply" } as const;
  const applied = await plane.operations.applyConfiguration(input, callBy("liv"));
  assert.ok(applied.ok, JSON.stringify(applied));
  plane.clock.now = plane.clock.now.add({ seconds: 1 });
}

async function verdictOf(id: DeploymentId): Promise<string | null> {
  return (await plane.store.views.deployment(id))?.record.verdict ?? null;
}

async function told(): Promise<readonly string[]> {
  const { items } = await plane.store.views.notices({ person: null, deployment: null, limit: 50, cursor: null });
  return items.map(({ deployment, person }) => `${deployment} ${person}`);
}

test("a freeze gives a new verdict to the work that it stops, tells its requester, and leaves the rest alone", async () => {
  const ledger = await plane.request("ledger-core", "9.0.0");
  const checkout = await plane.request("checkout-api", "5.0.1");
  await apply(weekend.replace('end: "05:00"', 'end: "06:00"'));
  assert.equal(await rejudge(), 2);
  const before = [await verdictOf(ledger), await verdictOf(checkout)];
  await apply(frozen.replace('end: "05:00"', 'end: "06:00"'));
  assert.equal(await rejudge(), 2);
  assert.equal(await rejudge(), 0);
  assert.notEqual(await verdictOf(ledger), before[0]);
  assert.equal(await verdictOf(checkout), before[1]);
  assert.deepEqual(await told(), [`${ledger} ann`]);
});

test("work that may go now is left to the sweep that starts it", async () => {
  const id = await plane.request("checkout-api", "5.0.1");
  plane.clock.now = at("2026-03-28T00:00Z");
  assert.equal(await rejudge(), 0);
  assert.equal(await plane.sweep(), 1);
  assert.equal((await plane.store.views.deployment(id))?.record.state, "queued");
});

test("a change that commits while work is judged is judged with, not missed", async () => {
  const id = await plane.request("ledger-core", "9.0.0");
  await memory.refresh();
  await apply(frozen);
  assert.equal(await rejudge(), 1);
  const verdict = (await plane.store.views.deployment(id))?.verdict;
  assert.equal(verdict?.nextOpening?.toString(), "2026-04-03T23:00:00Z");
});

test("a verdict of the sweep in between makes the next look in bulk a new one", async () => {
  const id = await plane.request("ledger-core", "9.0.0");
  await apply(frozen);
  await rejudge();
  await apply(weekend);
  await plane.sweep();
  await apply(frozen);
  await rejudge();
  const verdict = (await plane.store.views.deployment(id))?.verdict;
  assert.equal(verdict?.nextOpening?.toString(), "2026-04-03T23:00:00Z");
});

test("one deployment that cannot be judged holds up none of the others", async () => {
  const broken = await plane.request("ledger-core", "9.0.0");
  const sound = await plane.request("checkout-api", "5.0.1");
  const picky = bindRejudge({
    pool: plane.store.pool,
    memory,
    resume,
    now: () => plane.clock.now,
    judge: (facts) => {
      if (facts.subject.service === "ledger-core") throw new Error("cannot be judged");
      return judge(facts);
    },
  });
  const before = [await verdictOf(broken), await verdictOf(sound)];
  await apply(frozen.replaceAll("[ledger-core]", "[ledger-core, checkout-api]"));
  assert.equal(await picky(), 1);
  assert.equal(await verdictOf(broken), before[0]);
  assert.notEqual(await verdictOf(sound), before[1]);
});

/** Waiting work like `id`, of versions that nobody has registered. */
async function crowd(id: DeploymentId, size: number): Promise<void> {
  await execute(
    plane.store.pool,
    sql`with numbers as (
          select n, '7.0.' || n as version from generate_series(1, ${size}) n
        ), booked as (
          insert into booking (id, service, version, environment, subject, content_digest, planned_from, planned_to,
                               requested_by, created_at)
          select 'bok_crowd' || n, b.service, numbers.version, b.environment,
            b.subject || jsonb_build_object('version', numbers.version), b.content_digest, b.planned_from, b.planned_to,
            b.requested_by, b.created_at
          from numbers, booking b join deployment d on d.booking_id = b.id where d.id = ${id}
        )
        insert into deployment (id, booking_id, service, version, environment, digest, state, when_blocked, next_check_at,
                                requested_at)
        select 'dep_crowd' || n, 'bok_crowd' || n, d.service, numbers.version, d.environment, d.digest, 'waiting', 'wait',
          d.requested_at, d.requested_at
        from numbers, deployment d where d.id = ${id}`,
  );
}

test("where more is due than a page, work whose people have to be told comes first", async () => {
  const one = await plane.request("checkout-api", "5.0.1");
  await crowd(one, 300);
  const ledger = await plane.request("ledger-core", "9.0.0");
  await rejudge();
  const { rows: before } = await plane.store.pool.query<{ readonly id: string }>("select max(id) as id from verdict");
  // Another fact for all of them, another answer for the last of them only.
  await apply(frozen.replace('end: "05:00"', 'end: "06:00"'));
  await execute(plane.store.pool, sql`update deployment set next_check_at = requested_at where state = 'waiting'`);
  assert.equal(await rejudge(), 302);
  assert.deepEqual(await told(), [`${ledger} ann`]);
  const { rows } = await plane.store.pool.query<{ readonly deployment_id: string }>(
    "select deployment_id from verdict where id > $1 order by id",
    [before[0]?.id],
  );
  assert.equal(rows[0]?.deployment_id, ledger);
  assert.ok(rows.length > 250, `${rows.length} verdicts are new`);
});

test("where more is due than a page, work that may go is started before the rest is put on record", async () => {
  const one = await plane.request("checkout-api", "5.0.1");
  await crowd(one, 300);
  plane.clock.now = at("2026-03-28T00:00Z");
  await rejudge();
  assert.deepEqual(started, [one]);
});

test("work that is named is started once, and only when it is due", async () => {
  const id = await plane.request("checkout-api", "5.0.1");
  await plane.sweep();
  assert.equal(await plane.sweepNamed([id]), 0);
  plane.clock.now = at("2026-03-28T00:00Z");
  assert.equal(await plane.sweepNamed([id]), 1);
  assert.equal((await plane.store.views.deployment(id))?.record.state, "queued");
  assert.equal(await plane.sweepNamed([id]), 0);
});
