import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { createOrganisationCache, organisationOf } from "#store/organisation.ts";
import { newestRevision } from "#store/configuration.ts";
import { reportColumns, wantedFor } from "#store/fact-reports.ts";
import { execute, query, sql } from "#store/sql.ts";
import { aDeployment, hourAfter, insertDeployment, noon, type TestStore } from "#test/support/store.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { digest, openIntake, organisation } from "#test/intake/plane.ts";

/** The cluster takes one at a time, over two units; risk of production is bounded by day. */
const policies = documentsOf(`
kind: Policy
metadata: { name: db-cluster }
spec:
  scope: { services: [ledger-core, checkout-api] }
  level: central
  owner: web
  settings: { capacity: [{ resource: db-cluster-1, max: 1 }] }
---
kind: Policy
metadata: { name: appetite }
spec:
  scope: { environments: [prod], services: [checkout-api] }
  level: central
  owner: web
  settings: { risk: { appetite: 100, per: unit } }
`);

const byName = (a: readonly string[], b: readonly string[]): number => a.join().localeCompare(b.join());

const at = (minutes: number): Temporal.Instant => noon.add({ minutes });

async function score(store: TestStore, service: string, environment: string, value: number): Promise<void> {
  const record = { service, version: "1.0.0", environment, score: value, source: "model", at: noon };
  await store.transact((records) =>
    records.reports.insert({
      id: `rpt_${service}_${environment}_${value}`,
      report: { kind: "risk-score", record },
      receivedAt: noon,
      by: "ann",
      account: "ann-ci",
    }),
  );
}

test("work of others that needs the same resource is a fact, and the subject's own is not", async () => {
  await using plane = await openIntake([...organisation, ...policies]);
  const other = aDeployment({}, { service: "ledger-core", environment: "prod" });
  const elsewhere = aDeployment({}, { service: "ledger-core", environment: "prod-us" });
  const free = aDeployment({}, { service: "cart" });
  const own = aDeployment();
  for (const each of [other, elsewhere, free, own]) await insertDeployment(plane.store, each);
  const { usage } = await plane.facts({ onBehalfOf: own.id });
  assert.deepEqual(
    usage.map(({ resource, booking, service }) => [resource, booking, service]).toSorted(byName),
    [
      ["db-cluster-1", other.booking, "ledger-core"],
      ["db-cluster-1", elsewhere.booking, "ledger-core"],
    ].toSorted(byName),
  );
  assert.deepEqual((await plane.facts({ service: "cart" })).usage, [], "it uses none");
  await plane.store.transact(async (records) => {
    await records.deployments.move(other.id, "waiting", "cancelled", { endedAt: at(30), outcome: "Gone." });
  });
  assert.equal((await plane.facts({ onBehalfOf: own.id }, at(30))).usage.length, 1);
  assert.equal((await plane.facts({ onBehalfOf: own.id }, at(29))).usage.length, 2, "it was open then");
});

test("risk of the same sum is a fact from a day before on: open work and what ran, not what never started", async () => {
  await using plane = await openIntake([...organisation, ...policies]);
  const yesterday = noon.subtract({ hours: 20 });
  const ran = aDeployment(
    { state: "succeeded", requestedAt: yesterday, startedAt: yesterday, endedAt: hourAfter(yesterday) },
    { service: "cart", environment: "prod-us" },
  );
  const never = aDeployment(
    { state: "cancelled", requestedAt: yesterday, endedAt: hourAfter(yesterday) },
    { service: "cart" },
  );
  const long = noon.subtract({ hours: 30 });
  const before = aDeployment(
    { state: "succeeded", requestedAt: long, startedAt: long, endedAt: hourAfter(long) },
    { service: "catalog-web" },
  );
  const open = aDeployment({}, { service: "catalog-web", version: "1.0.0" });
  const otherUnit = aDeployment({}, { service: "ledger-core" });
  const own = aDeployment();
  for (const each of [ran, never, before, open, otherUnit, own]) await insertDeployment(plane.store, each);
  await score(plane.store, "cart", "prod-us", 30);
  await score(plane.store, "cart", "prod", 99);
  await score(plane.store, "catalog-web", "prod", 12);
  await score(plane.store, "ledger-core", "prod", 50);
  const { exposure } = await plane.facts({ onBehalfOf: own.id });
  assert.deepEqual(
    exposure.map(({ booking, unit, region, score: value }) => [booking, unit, region, value]),
    [
      [ran.booking, "retail", "us", 30],
      [open.booking, "retail", "emea", 12],
    ],
  );
  assert.deepEqual((await plane.facts({ service: "cart" })).exposure, [], "no policy sums up its risk");
});

test("where a digest has been live is a fact: the last success in each environment", async () => {
  await using plane = await openIntake();
  const run = (environment: string, minutes: number, state: "succeeded" | "rolled-back" = "succeeded") =>
    aDeployment({ state, digest, startedAt: noon, endedAt: at(minutes) }, { environment });
  const runs = [run("prod-us", 10), run("prod-us", 20), run("prod-us", 30, "rolled-back"), run("prod", 40)];
  for (const each of runs) await insertDeployment(plane.store, each);
  const passed = async (minutes: number): Promise<readonly unknown[]> => {
    const found = (await plane.facts({}, at(minutes))).passed;
    return found === "assumed"
      ? ["assumed"]
      : found.map(({ environment, since }) => [environment, since.since(noon).total("minutes")]);
  };
  assert.deepEqual(await passed(9), []);
  assert.deepEqual(await passed(10), [["prod-us", 10]]);
  assert.deepEqual(await passed(50), [
    ["prod", 40],
    ["prod-us", 20],
  ]);
});

/** Bookings of 200 services in ten environments over a year, one in a hundred of them open, and as many reports. */
async function fill(store: TestStore, bookings: number): Promise<void> {
  const client = await store.pool.connect();
  try {
    await client.query("set session_replication_role = replica");
    await client.query(`insert into booking (id, service, version, environment, subject, content_digest, planned_from,
        planned_to, requested_by, created_at, moved_at)
      select 'bkg_' || n, 's' || n % 200, '1.0.' || n, 'e' || n % 10,
        '{"class":"normal","action":"deploy","invoker":"person"}', 'x',
        t, t + interval '1 hour', 'ann', t, t
      from (select n, timestamptz '2026-10-01Z' + n * interval '2 minutes' as t from generate_series(1, ${bookings}) n) x`);
    await client.query(`insert into deployment (id, booking_id, service, version, environment, digest, state,
        when_blocked, next_check_at, requested_at, started_at, ended_at, outcome)
      select 'dep_' || substr(id, 5), id, service, version, environment, 'sha256:' || md5(id),
        case when n % 97 = 0 then 'waiting' else 'succeeded' end, 'wait',
        case when n % 97 = 0 then planned_from end, planned_from,
        case when n % 97 <> 0 then planned_from end, case when n % 97 <> 0 then planned_to end,
        case when n % 97 <> 0 then 'Done.' end
      from (select b.*, substr(id, 5)::int as n from booking b) x`);
    await client.query(`insert into report (id, kind, key, subject, services, environments, at, received_at, report,
        reported_by, account)
      select 'rpt_' || id, 'risk-score', id, '["' || service || '","' || version || '","' || environment || '"]',
        array[service], array[environment], planned_from, planned_from, jsonb_build_object('service', service, 'version', version, 'environment', environment,
          'score', 10, 'source', 'x', 'at', planned_from), 'ann', 'ci'
      from booking`);
    await client.query(`insert into report (id, kind, key, subject, services, environments, outcome, at, received_at,
        report, reported_by, account)
      select 'sig_' || n, 'signal', '["s' || n % 200 || '"]', 's' || n % 200, array['s' || n % 200], '{}',
        case when n % 1000 < 5 then 'degraded' else 'ok' end, t, t,
        jsonb_build_object('service', 's' || n % 200, 'environment', null, 'source', 'x', 'ref', null), 'ann', 'ci'
      from (select n, timestamptz '2026-10-01Z' + n * interval '2 minutes' as t from generate_series(1, ${bookings}) n) x`);
  } finally {
    client.release(true);
  }
  await execute(store.pool, sql`analyze`);
}

const wide = documentsOf(
  [
    "kind: Unit\nmetadata: { name: retail }\nspec: {}",
    "kind: Team\nmetadata: { name: web }\nspec: { unit: retail }",
    ...Array.from({ length: 200 }, (_, n) => {
      const needs = n === 0 ? "" : `, dependsOn: [{ service: s${Math.floor((n - 1) / 3)}, kind: sync }]`;
      return `kind: Service\nmetadata: { name: s${n} }\nspec: { unit: retail, team: web, tier: 2${needs} }`;
    }),
    ...Array.from(
      { length: 10 },
      (_, n) => `kind: Environment\nmetadata: { name: e${n} }\nspec: { zone: UTC, windows: optional }`,
    ),
    `kind: Policy
metadata: { name: all }
spec:
  scope: { environments: [e7] }
  level: central
  owner: web
  settings: { capacity: [{ resource: db, max: 1 }], risk: { appetite: 100, per: environment } }`,
  ].join("\n---\n"),
);

const bookings = 40_000;

test("among tens of thousands of bookings and reports everything is found by index", async () => {
  await using plane = await openIntake(wide);
  await fill(plane.store, bookings);
  const about = { service: "s77", environment: "e7", version: "1.0.77" };
  const from = Temporal.Instant.from("2026-11-10T12:00:00Z");
  const cache = createOrganisationCache();
  const subject = { ...aDeployment().subject, ...about };
  const wanted = wantedFor(
    await organisationOf(plane.store.pool, cache, await newestRevision(plane.store.pool)),
    subject,
  );
  const columns = reportColumns(subject, { from, to: from.add({ hours: 24 * 60 }) }, wanted);
  const plan = await query(
    plane.store.pool,
    sql`explain (costs off) select ${columns}`,
    z.object({ "QUERY PLAN": z.string() }),
  );
  const scans = plan
    .map((line) => line["QUERY PLAN"].trim())
    .filter((line) => /Seq Scan on (booking|deployment|report)/.test(line));
  assert.deepEqual(scans, [], plan.map((line) => line["QUERY PLAN"]).join("\n"));
  const facts = await plane.facts(about, from);
  assert.ok(facts.usage.length > 0 && facts.exposure.length > 0);
  assert.deepEqual(facts.signals.length, 5, "the service and the four that it needs");
});
