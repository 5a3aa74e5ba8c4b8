import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { judge } from "#main/bind-operations.ts";
import { newId } from "#runtime/ids.ts";
import { openMirror } from "#store/mirror/mirror.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { makeNoteSilence } from "#usecases/release/note-silence.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { callOf, noon, open, openGates, type GatePlane } from "#test/gates/plane.ts";

/*
 * A monitor that died is no good news: whoever promises to report again within a time, and does not, has said nothing
 * from then on.
 */

const documents = [
  ...open.map((document) =>
    document.kind === "Service" && document.name === "checkout-api"
      ? { ...document, spec: { ...document.spec, dependsOn: [{ service: "pricing-svc", kind: "sync" }] } }
      : document,
  ),
  ...documentsOf(`kind: Policy
metadata: { name: budget }
spec: { level: central, owner: checkout, scope: {}, settings: { errorBudget: { minLeft: 0.1 }, signals: { okFor: PT10M } } }`),
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

let plane: GatePlane;
beforeEach(async () => {
  plane = await openGates({ documents });
});
afterEach(() => plane[Symbol.asyncDispose]());

const later = (minutes: number): Temporal.Instant => noon.add({ minutes });
const setTo = (minutes: number): void => plane.clock.set(later(minutes));

async function signal(status: "ok" | "degraded", freshMinutes: number | null): Promise<void> {
  const at = plane.clock.now();
  const promise = freshMinutes === null ? {} : { freshUntil: at.add({ minutes: freshMinutes }) };
  const record = { service: "pricing-svc", environment: null, status, source: "probe", at, ref: null, ...promise };
  const taken = await plane.intake.submitReport({ kind: "signal", record }, callOf("olga", "olga"));
  assert.ok(taken.ok, JSON.stringify(taken));
}

async function budget(left: number, freshMinutes: number): Promise<void> {
  const at = plane.clock.now();
  const freshUntil = at.add({ minutes: freshMinutes });
  const record = { service: "checkout-api", environment: null, left, source: "slo", at, freshUntil };
  const taken = await plane.intake.submitReport({ kind: "error-budget", record }, callOf("olga", "olga"));
  assert.ok(taken.ok, JSON.stringify(taken));
}

/** What both sources of facts say at so many minutes past noon; they must agree. */
async function saidAt(rule: string, minutes: number): Promise<Finding> {
  const at = later(minutes);
  const { pool, transact } = plane.store;
  const ofDatabase = await transact((records) => records.facts.load(subject, at, horizonOf(at)));
  const options = { organisations: createOrganisationCache(), now: () => at, canGoBack: true };
  const { world, knownFrom } = (await openMirror(pool, options)).state();
  const found = findingOf(ofDatabase, rule);
  if (knownFrom === null || Temporal.Instant.compare(knownFrom, at) <= 0) {
    assert.deepEqual(findingOf(factsFor(world, subject, at, horizonOf(at)), rule), found);
  }
  return found;
}

function findingOf(facts: Facts, rule: string): Finding {
  return judge(facts).findings.find((finding) => finding.rule === rule) ?? assert.fail();
}

const noteSilence = () =>
  makeNoteSilence({ now: plane.clock.now, transact: plane.transact, newReportId: () => newId("report") })();

test("an ok signal holds up to the instant by which its source had promised the next one, and is unknown from then on", async () => {
  await signal("ok", 10);
  assert.equal((await saidAt("dependency-degraded", 9)).outcome, "pass");
  const silent = await saidAt("dependency-degraded", 10);
  assert.deepEqual([silent.outcome, silent.code], ["unknown", "upstream-unknown"]);
  assert.match(silent.sentence, /pricing-svc is unknown since .* \(probe silent\)/);
});

test("what is promised is no part of the time ahead: work that takes longer than a promise may start", async () => {
  await signal("ok", 1);
  const facts = await plane.store.transact((records) => records.facts.load(subject, noon, horizonOf(noon)));
  assert.ok(!judge(facts).findings.some(({ rule, until }) => rule === "dependency-degraded" && until !== null));
  assert.equal("freshUntil" in (facts.signals[0] ?? {}), false);
});

test("a source that promises nothing reports changes, and what it said stands", async () => {
  await signal("ok", null);
  assert.equal((await saidAt("dependency-degraded", 60 * 24)).outcome, "pass");
});

test("an error budget whose source has fallen silent is unknown, however much was left", async () => {
  await budget(0.9, 30);
  assert.equal((await saidAt("error-budget-left", 29)).outcome, "pass");
  const silent = await saidAt("error-budget-left", 30);
  assert.deepEqual([silent.outcome, silent.code], ["unknown", "budget-silent"]);
  assert.match(silent.sentence, /^The error budget of checkout-api is not known: slo has been silent since /);
});

for (const swept of [true, false]) {
  test(`after a silence an ok counts from its own instant, ${swept ? "put on record by the sweep" : "or by the next report itself"}`, async () => {
    await signal("ok", 10);
    setTo(25);
    assert.equal(await (swept ? noteSilence() : Promise.resolve(1)), 1);
    setTo(30);
    await signal("ok", 10);
    const recovering = await saidAt("dependency-degraded", 31);
    assert.deepEqual([recovering.outcome, recovering.code], ["wait", "upstream-recovering"]);
    assert.match(recovering.sentence, /after being unknown/);
    setTo(39);
    await signal("ok", 10);
    assert.equal((await saidAt("dependency-degraded", 41)).outcome, "pass", "ten minutes of ok without a gap");
  });
}

test("a silence is put on record once, with an entry and its source, and what waits for it is due", async () => {
  await signal("ok", 10);
  await budget(0.9, 10);
  setTo(11);
  assert.equal(await noteSilence(), 2);
  assert.equal(await noteSilence(), 0);
  const { items } = await plane.store.views.audit({ object: null, action: "report.silence", limit: 10, cursor: null });
  const said = new Set(items.map(({ object, outcome }) => `${object} ${outcome}`));
  assert.deepEqual(said, new Set(["error-budget/checkout-api unknown", "signal/pricing-svc unknown"]));
  const page = await plane.intake.listReports({ kind: "signal", service: null, digest: null, limit: 10, cursor: null });
  assert.deepEqual(
    page.items.map(({ report, by }) => [report.kind === "signal" && report.record.status, by]),
    [
      ["unknown", "system"],
      ["ok", "olga"],
    ],
  );
  assert.equal((await saidAt("dependency-degraded", 9)).outcome, "pass", "as of then it was heard");
});

test("reporters are listed by age, the silent ones first", async () => {
  await signal("ok", 60);
  setTo(1);
  await budget(0.9, 10);
  setTo(20);
  await noteSilence();
  const { items, left } = await plane.intake.listReporters(plane.clock.now());
  assert.deepEqual(
    items.map(({ source, heardAt, freshUntil }) => [source, heardAt.toString(), freshUntil?.toString()]),
    [
      ["slo", later(1).toString(), later(11).toString()],
      ["probe", noon.toString(), later(60).toString()],
    ],
  );
  assert.equal(left, 0);
});
