import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical } from "#core/audit/canonical.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { rules } from "#core/policy/registry.ts";
import { maxKeysPerSubject, type Report } from "#core/release/report.ts";
import { sha256Of } from "#runtime/digest.ts";
import { execute, sql } from "#store/sql.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { aDeployment, insertDeployment, noon } from "#test/support/store.ts";
import { callOf, digest, openIntake, type IntakePlane } from "#test/intake/plane.ts";

const minutes = (count: number): Temporal.Instant => noon.add({ minutes: count });

function evidence(value: number, at: Temporal.Instant, source = "ci"): Report {
  const record = { digest, kind: "coverage", outcome: "pass", value, ruleSet: "2.1.0", source, at, ref: null } as const;
  return { kind: "evidence", record };
}

function signal(status: "ok" | "degraded" | "outage", at: Temporal.Instant, service = "ledger-core"): Report {
  return { kind: "signal", record: { service, environment: null, status, source: "statuspage", at, ref: "INC-7" } };
}

async function actions(plane: IntakePlane): Promise<readonly string[]> {
  const { items } = await plane.store.views.audit({ object: null, action: null, limit: 50, cursor: null });
  return items.map(({ action, object, outcome }) => `${action} ${object} ${outcome}`).toReversed();
}

test("of each key the newest report counts, and a question about the past finds what was known then", async () => {
  await using plane = await openIntake();
  assert.deepEqual((await plane.facts()).evidence, [], "a server without reports says so, and assumes nothing");
  await plane.report(evidence(70, noon));
  await plane.report(evidence(90, noon, "nightly"));
  plane.clock.set(minutes(30));
  await plane.report(evidence(80, minutes(20)));
  const values = async (at: Temporal.Instant): Promise<readonly unknown[]> => {
    const found = (await plane.facts({}, at)).evidence;
    return found === "assumed" ? [] : found.map(({ source, value }) => `${source} ${value}`);
  };
  assert.deepEqual(await values(minutes(30)), ["ci 80", "nightly 90"]);
  assert.deepEqual(await values(minutes(29)), ["ci 70", "nightly 90"], "measured before, but not yet received");
  assert.deepEqual(await values(noon.subtract({ seconds: 1 })), []);
});

test("an older report that arrives late is kept and does not count", async () => {
  await using plane = await openIntake();
  plane.clock.set(minutes(60));
  await plane.report(evidence(80, minutes(50)));
  const late = await plane.report(evidence(60, minutes(10)));
  assert.deepEqual([late.recorded, late.counts], [true, false]);
  const found = (await plane.facts()).evidence;
  assert.equal(found === "assumed" ? null : found[0]?.value, 80);
  assert.deepEqual((await actions(plane)).slice(-2), [
    `report.submit evidence/coverage@${digest} counts`,
    `report.submit evidence/coverage@${digest} superseded`,
  ]);
});

test("the same report twice is one report, whatever the key of the request", async () => {
  await using plane = await openIntake();
  const first = await plane.report(evidence(80, noon));
  const again = await plane.report(evidence(80, noon));
  assert.deepEqual(again, { id: first.id, recorded: false, counts: true });
  const page = await plane.intake.listReports({ kind: "evidence", service: null, digest, limit: 10, cursor: null });
  assert.equal(page.items.length, 1);
});

test("an instant a little ahead is taken for now, one further ahead is refused", async () => {
  await using plane = await openIntake();
  await plane.report(evidence(80, noon.add({ seconds: 60 })));
  const found = (await plane.facts()).evidence;
  assert.equal(found === "assumed" ? null : String(found[0]?.at), String(noon));
  const refused = await plane.intake.submitReport(evidence(80, noon.add({ seconds: 61 })), callOf("ann", "ann-ci"));
  assert.equal(refused.ok ? "taken" : refused.error.code, "in-the-future");
});

test("a name that nobody has declared is refused; a signal may be about a vendor", async () => {
  await using plane = await openIntake();
  for (const [report, code] of [
    [signal("ok", noon, "ledgr-core"), "no-such-service"],
    [
      { kind: "error-budget", record: { service: "cloud", environment: null, left: 1, source: "slo", at: noon } },
      "no-such-service",
    ],
    [
      { kind: "error-budget", record: { service: "cart", environment: "moon", left: 1, source: "slo", at: noon } },
      "no-such-environment",
    ],
  ] as const) {
    const refused = await plane.intake.submitReport(report, callOf("ann", "ann-ci"));
    assert.equal(refused.ok ? "taken" : refused.error.code, code);
  }
  await plane.report(signal("outage", noon, "cloud"));
  assert.deepEqual(
    (await plane.facts()).signals.map(({ service, status }) => [service, status]),
    [["cloud", "outage"]],
  );
  assert.deepEqual((await plane.facts({ service: "catalog-web" })).signals, [], "no path leads there");
});

test("more sources on one digest than are looked at are refused, those that are known may go on", async () => {
  await using plane = await openIntake();
  await execute(
    plane.store.pool,
    sql`insert into report (id, kind, key, subject, digest, services, environments, outcome, at, received_at, report,
                            reported_by, account)
        select 'rpt_' || n, 'evidence', 'key ' || n, ${digest}, ${digest}, '{}', '{}', 'pass', ${noon.toString()},
               ${noon.toString()}, '{}', 'ann', 'ann-ci' from generate_series(1, ${maxKeysPerSubject}) n`,
  );
  const refused = await plane.intake.submitReport(evidence(80, noon, "one-more"), callOf("ann", "ann-ci"));
  assert.equal(refused.ok ? "taken" : refused.error.code, "too-many-reports");
});

test("a signal has been so since the first report of its run, and an ok knows what it came after", async () => {
  await using plane = await openIntake();
  const states = async (): Promise<readonly unknown[]> =>
    (await plane.facts()).signals.map(({ status, since, clearedFrom, event }) => [
      status,
      since.since(noon).total("minutes"),
      clearedFrom,
      event,
    ]);
  for (const [status, minute] of [
    ["ok", 0],
    ["degraded", 10],
    ["outage", 15],
    ["outage", 20],
  ] as const) {
    plane.clock.set(minutes(minute));
    await plane.report(signal(status, minutes(minute)));
  }
  assert.deepEqual(await states(), [["outage", 15, null, "statuspage INC-7"]]);
  for (const minute of [30, 31, 32]) {
    plane.clock.set(minutes(minute));
    await plane.report(signal("ok", minutes(minute)));
  }
  assert.deepEqual(await states(), [["ok", 30, "outage", "statuspage INC-7"]]);
  // What arrives late breaks the run in which it lies.
  await plane.report(signal("degraded", noon.add({ minutes: 31, seconds: 30 })));
  assert.deepEqual(await states(), [["ok", 32, "degraded", "statuspage INC-7"]]);
});

test("a change of a signal is on record and makes due what needs the service; a repetition does neither", async () => {
  await using plane = await openIntake();
  const later = noon.add({ hours: 5 });
  const near = await insertDeployment(plane.store, aDeployment({ nextCheckAt: later }));
  const far = await insertDeployment(plane.store, aDeployment({ nextCheckAt: later }, { service: "catalog-web" }));
  const checks = async (): Promise<readonly string[]> =>
    Promise.all(
      [near, far].map(async (id) => {
        const found = await plane.store.transact((records) => records.deployments.find(id));
        return String(found?.nextCheckAt);
      }),
    );
  await plane.report(signal("degraded", noon));
  assert.deepEqual(await checks(), [String(noon), String(later)]);
  plane.clock.set(minutes(1));
  await plane.store.transact((records) => records.deployments.note(near, { nextCheckAt: later }));
  await plane.report(signal("degraded", minutes(1)));
  assert.deepEqual(await checks(), [String(later), String(later)]);
  assert.deepEqual(await actions(plane), ["report.submit signal/ledger-core counts"]);
  plane.clock.set(minutes(2));
  await plane.report(signal("ok", minutes(2)));
  assert.deepEqual(await checks(), [String(minutes(2)), String(later)]);
  assert.equal((await actions(plane)).length, 2);
});

test("evidence makes due what waits with its digest, and nothing else", async () => {
  await using plane = await openIntake();
  const later = noon.add({ hours: 5 });
  const mine = await insertDeployment(plane.store, aDeployment({ nextCheckAt: later, digest }));
  const other = await insertDeployment(plane.store, aDeployment({ nextCheckAt: later }, { service: "cart" }));
  await plane.report(evidence(80, noon));
  const due = await plane.store.transact((records) => records.deployments.due(noon, 10));
  assert.deepEqual(
    due.map(({ id }) => id),
    [mine],
  );
  assert.notEqual(mine, other);
});

test("a ticket stands as its newest report says: it may name the service no longer", async () => {
  await using plane = await openIntake();
  const ticket = (services: readonly string[], state: string, at: Temporal.Instant): Report => ({
    kind: "ticket",
    record: { key: "CHG-1", services, environments: ["prod"], state, from: null, to: null, source: "itsm", at },
  });
  const keys = async (environment = "prod"): Promise<readonly string[]> => {
    const { tickets } = await plane.facts({ environment });
    return tickets === "assumed" ? ["assumed"] : tickets.map(({ key, state }) => `${key} ${state}`);
  };
  await plane.report(ticket(["checkout-api", "cart"], "draft", noon));
  plane.clock.set(minutes(1));
  await plane.report(ticket(["checkout-api"], "approved", minutes(1)));
  assert.deepEqual(await keys(), ["CHG-1 approved"]);
  assert.deepEqual(await keys("prod-us"), []);
  plane.clock.set(minutes(2));
  await plane.report(ticket(["cart"], "approved", minutes(2)));
  assert.deepEqual(await keys(), []);
});

test("of several sources the least budget and the highest score are believed; what names the place goes first", async () => {
  await using plane = await openIntake();
  const budget = (environment: string | null, left: number, source: string): Report => ({
    kind: "error-budget",
    record: { service: "checkout-api", environment, left, source, at: noon },
  });
  const score = (value: number, source: string): Report => ({
    kind: "risk-score",
    record: { service: "checkout-api", version: "1.0.0", environment: "prod", score: value, source, at: noon },
  });
  const left = async (environment: string): Promise<unknown> => {
    const { errorBudget } = await plane.facts({ environment });
    return errorBudget === null || errorBudget === "assumed" ? errorBudget : errorBudget.left;
  };
  assert.equal(await left("prod"), null);
  for (const report of [budget(null, 0.1, "slo"), budget("prod", 0.5, "slo"), budget("prod", 0.4, "apm")]) {
    await plane.report(report);
  }
  assert.deepEqual([await left("prod"), await left("prod-us")], [0.4, 0.1]);
  for (const report of [score(20, "static"), score(35, "model")]) await plane.report(report);
  const { riskScore } = await plane.facts();
  assert.equal(riskScore === null || riskScore === "assumed" ? null : riskScore.score, 35);
});

test("of backups and restores the newest of each act and source stands, where it was measured", async () => {
  await using plane = await openIntake();
  const figures = { savedAt: noon, tookSeconds: null, bytes: null, detail: null, digest: null, ref: null };
  const backup = (environment: string, intervalSeconds: number, at = noon): Report => ({
    kind: "recovery",
    record: {
      ...figures,
      service: "checkout-api",
      environment,
      act: "backup",
      outcome: "done",
      intervalSeconds,
      source: "backups",
      at,
    },
  });
  const intervals = async (environment: string): Promise<unknown> => {
    const { recovery } = await plane.facts({ environment });
    return recovery === "assumed" ? recovery : recovery.map(({ intervalSeconds }) => intervalSeconds);
  };
  assert.deepEqual(await intervals("prod"), []);
  await plane.report(backup("prod", 3600));
  plane.clock.set(minutes(1));
  await plane.report(backup("prod", 300, minutes(1)));
  await plane.report(backup("prod-us", 900, minutes(1)));
  assert.deepEqual([await intervals("prod"), await intervals("prod-us")], [[300], [900]]);
});

test("a verdict that rests on reports, holds and stops is judged again from its stored facts, byte for byte", async () => {
  await using plane = await openIntake();
  await plane.report(evidence(80, noon));
  await plane.report(signal("degraded", noon));
  plane.clock.set(minutes(1));
  await plane.report(signal("ok", minutes(1)));
  const place = { scope: { services: ["checkout-*"] }, reason: "Audit.", until: minutes(90), liftedBy: "operator" };
  assert.ok((await plane.intake.placeHold(place, callOf("oli"))).ok);
  const stop = { reason: "Fire.", until: minutes(30), allowsRollBack: true };
  assert.ok((await plane.intake.stop(stop, callOf("oli"))).ok);
  const facts = await plane.facts();
  const options = { hash: sha256Of, zoneData: "test" };
  const verdict = evaluate(rules, facts, options);
  assert.equal(verdict.decision, "deny", "the version waits for what it needs");
  const again = factsFromJson(JSON.parse(canonical(factsToJson(facts))));
  assert.ok(again.ok);
  assert.equal(verdictText(evaluate(rules, again.value, options)), verdictText(verdict));
});

test("lists are newest first in pages that miss nothing, by service or digest", async () => {
  await using plane = await openIntake();
  for (let minute = 0; minute < 5; minute++) {
    plane.clock.set(minutes(minute));
    await plane.report(signal(minute % 2 === 0 ? "ok" : "degraded", minutes(minute)));
  }
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const query = { kind: "signal", service: "ledger-core", digest: null, limit: 2, cursor } as const;
    const page = await plane.intake.listReports(query);
    seen.push(...page.items.map(({ report }) => report.record.at.since(noon).total("minutes")));
    cursor = page.next;
  } while (cursor !== null);
  assert.deepEqual(seen, [4, 3, 2, 1, 0]);
  const none = await plane.intake.listReports({
    kind: "signal",
    service: "cart",
    digest: null,
    limit: 2,
    cursor: null,
  });
  assert.deepEqual(none, { items: [], next: null });
  const wild = { kind: "signal", service: null, digest: null, limit: 2, cursor: "d2lsZA" } as const;
  assert.deepEqual(await plane.intake.listReports(wild), { items: [], next: null });
});

test("a report is never changed, deleted or truncated", async () => {
  await using plane = await openIntake();
  await plane.report(evidence(80, noon));
  for (const statement of [sql`update report set outcome = 'fail'`, sql`delete from report`, sql`truncate report`]) {
    await assert.rejects(execute(plane.store.pool, statement), /never changed or deleted/);
  }
});

test("two sources that report on the same key at once are taken one after the other", async () => {
  await using plane = await openIntake();
  const taken = await Promise.all(
    Array.from({ length: 8 }, (_, index) => plane.report(evidence(index, noon.subtract({ seconds: index })))),
  );
  assert.equal(new Set(taken.map(({ id }) => id)).size, 8);
  const found = (await plane.facts()).evidence;
  assert.deepEqual(found === "assumed" ? null : found.map(({ value }) => value), [0]);
});
