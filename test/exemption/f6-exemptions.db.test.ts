import assert from "node:assert/strict";
import { test } from "node:test";
import { callBy } from "#test/support/calendar-plane.ts";
import { openExemptionPlane, supply, world, type ExemptionPlane } from "#test/exemption/plane.ts";
import { at } from "#test/support/store.ts";

/** A load test is demanded; a canary of a day may stand in for it, twice in a row at most. */
const withCanary = (seconds: number): string => `${world}
---
kind: Policy
metadata: { name: load }
spec:
  level: central
  owner: checkout
  scope: {}
  settings:
    evidence: [{ kind: load-test }, { kind: unit-tests }]
---
kind: ExemptionType
metadata: { name: no-load-test }
spec:
  rule: evidence-fresh
  codes: [evidence-missing, evidence-stale]
  subjects: [load-test]
  scope: { tiers: [3] }
  controls: ["canary:PT24H"]
  maxDuration: P90D
  renewals: 1
---
kind: Strategy
metadata: { name: slow }
spec:
  scope: { services: [catalog-web] }
  stages:
    - { percent: 5, minSeconds: ${seconds}, maxSeconds: 86400, minRequests: 1 }
    - { percent: 100, minSeconds: 0, maxSeconds: 60, minRequests: 0 }
`;
const world6 = withCanary(86_400);

const start = at("2026-04-01T10:00:00Z");
const asked = {
  type: "no-load-test",
  scope: { services: ["catalog-web"] },
  subjects: ["load-test"],
  controls: [],
  justification: "no load test for catalog-web",
  from: null,
  until: at("2026-04-30T22:00:00Z"),
  renews: null,
} as const;

async function withUnitTests(plane: ExemptionPlane): Promise<void> {
  await supply(plane, "unit-tests");
}

async function grant(plane: ExemptionPlane): Promise<string> {
  const requested = await plane.exemptions.requestExemption(asked, callBy("cat"));
  assert.ok(requested.ok, JSON.stringify(requested));
  const { id } = requested.value.exemption;
  assert.ok((await plane.exemptions.approveExemption({ id }, callBy("gia"))).ok);
  return id;
}

test("on 29 April the gate allows by the exemption, counts the use, and on 1 May it denies", async () => {
  await using plane = await openExemptionPlane(world6, start);
  plane.clock.now = start;
  const id = await plane.request("catalog-web", "1.0.0");
  await withUnitTests(plane);
  assert.equal(await plane.finding(id, "evidence-fresh"), "deny evidence-missing");
  const exemption = await grant(plane);
  plane.clock.now = at("2026-04-29T10:00:00Z");
  await plane.sweep();
  assert.equal((await plane.verdict(id)).decision, "allow");
  assert.match(
    await plane.sentence(id, "evidence-fresh"),
    /^Allowed by EX-1 \(no load test for catalog-web\) until Fri 1 May 2026 00:00 Europe\/Berlin .*; otherwise: Load-test is missing/,
  );
  assert.equal(await plane.begin(id), true);
  const shown = await plane.exemptions.exemption(exemption);
  assert.equal(shown?.found.uses, 1);
  assert.deepEqual(
    shown?.uses.map(({ deployment, gate, person, rule, service }) => ({ deployment, gate, person, rule, service })),
    [{ deployment: id, gate: "start", person: "ann", rule: "evidence-fresh", service: "catalog-web" }],
  );
  plane.clock.now = at("2026-05-01T10:00:00Z");
  const next = await plane.request("catalog-web", "1.0.0", { environment: "prod-apac" });
  assert.equal(await plane.finding(next, "evidence-fresh"), "deny evidence-missing");
});

test("without the canary of a day the exemption is of no use, and says so", async () => {
  await using plane = await openExemptionPlane(withCanary(60), start);
  const id = await plane.request("catalog-web", "1.0.0");
  await withUnitTests(plane);
  await grant(plane);
  await plane.sweep();
  assert.equal(await plane.finding(id, "evidence-fresh"), "deny evidence-missing");
  assert.match(await plane.sentence(id, "evidence-fresh"), /EX-1 is of no use: its control canary:PT24H is missing/);
});

test("granting wakes the work that waits for it, and revoking ends it for what has not started", async () => {
  await using plane = await openExemptionPlane(world6, start);
  const id = await plane.request("catalog-web", "1.0.0");
  const other = await plane.request("checkout-api", "1.0.0");
  await withUnitTests(plane);
  await plane.sweep();
  const exemption = await grant(plane);
  assert.equal(await plane.sweep(), 1, "only what the scope matches is judged again");
  assert.equal((await plane.verdict(id)).decision, "allow");
  assert.equal(await plane.finding(other, "evidence-fresh"), "deny evidence-missing");
  const revoked = await plane.exemptions.revokeExemption({ id: exemption, reason: "There is one now." }, callBy("gia"));
  assert.ok(revoked.ok);
  assert.equal(await plane.begin(id), false, "the start judges once more");
  assert.deepEqual(
    (await plane.actions()).filter((action) => action.startsWith("exemption")),
    ["exemption.request cat requested", "exemption.approve gia approved", "exemption.revoke gia revoked"],
  );
});

test("nobody approves what he has asked for, and what compliance asks for needs another of compliance", async () => {
  await using plane = await openExemptionPlane(world6, start);
  const requested = await plane.exemptions.requestExemption(asked, callBy("gia"));
  assert.ok(requested.ok);
  const { id } = requested.value.exemption;
  assert.deepEqual(await plane.exemptions.approveExemption({ id }, callBy("gia")), { ok: false, error: "own-request" });
  await assert.rejects(
    plane.store.pool.query("insert into exemption_approval values ($1, 'gia', now())", [id]),
    /requested by gia/,
  );
});

for (const [title, change, code] of [
  ["of an unknown type", { type: "no-tests" }, "no-such-exemption-type"],
  ["longer than its type allows", { until: at("2026-08-01T00:00:00Z") }, "too-long"],
  ["that ends before it begins", { until: at("2026-03-01T00:00:00Z") }, "bad-span"],
  ["for other evidence", { subjects: ["unit-tests"] }, "outside-type"],
  ["for services outside of its type", { scope: { tiers: [1] } }, "outside-type"],
  ["that matches nothing", { scope: { services: ["no-such"] } }, "exempts-nothing"],
  ["with a control that nobody can verify", { controls: ["we are careful"] }, "unverifiable-control"],
  ["that renews what is not there", { renews: "EX-99" }, "no-such-exemption"],
] as const) {
  test(`an exemption ${title} is refused with ${code}`, async () => {
    await using plane = await openExemptionPlane(world6, start);
    const refused = await plane.exemptions.requestExemption({ ...asked, ...change }, callBy("cat"));
    assert.ok(!refused.ok);
    assert.equal(refused.error.code, code);
  });
}

test("a chain of renewals is as long as the type allows", async () => {
  await using plane = await openExemptionPlane(world6, start);
  const first = await grant(plane);
  const again = async (renews: string) => plane.exemptions.requestExemption({ ...asked, renews }, callBy("cat"));
  const second = await again(first);
  assert.ok(second.ok);
  assert.equal(second.value.renewal, 1);
  const twice = await again(first);
  assert.ok(!twice.ok);
  assert.equal(twice.error.code, "already-renewed");
  const third = await again(second.value.exemption.id);
  assert.ok(!third.ok);
  assert.equal(third.error.code, "renewals-used-up");
});

test("who asks again without naming the one before renews all the same, whatever the words", async () => {
  await using plane = await openExemptionPlane(world6, start);
  await grant(plane);
  plane.clock.now = at("2026-05-02T00:00:00Z");
  const again = { ...asked, scope: {}, justification: "something else", until: at("2026-05-30T00:00:00Z") };
  const second = await plane.exemptions.requestExemption(again, callBy("cat"));
  assert.ok(second.ok);
  assert.deepEqual([second.value.renews, second.value.renewal], [null, 1]);
  assert.ok((await plane.exemptions.approveExemption({ id: second.value.exemption.id }, callBy("gia"))).ok);
  plane.clock.now = at("2026-06-01T00:00:00Z");
  const third = { ...asked, until: at("2026-06-30T00:00:00Z") };
  const refused = await plane.exemptions.requestExemption(third, callBy("cat"));
  assert.equal(!refused.ok && refused.error.code, "renewals-used-up");
  const others = await plane.exemptions.requestExemption(third, callBy("ann"));
  assert.ok(others.ok && others.value.renewal === 0, "another team has had none");
  plane.clock.now = at("2026-09-01T00:00:00Z");
  const rested = await plane.exemptions.requestExemption(
    { ...third, until: at("2026-09-02T00:00:00Z") },
    callBy("cat"),
  );
  assert.ok(rested.ok && rested.value.renewal === 0, "after as long a rest as one may last it counts anew");
});

test("of several that were asked for at once no more are approved than the type lets follow each other", async () => {
  await using plane = await openExemptionPlane(world6, start);
  const results = [];
  for (const justification of ["one", "two", "three"]) {
    const requested = await plane.exemptions.requestExemption({ ...asked, justification }, callBy("cat"));
    assert.ok(requested.ok);
    const { id } = requested.value.exemption;
    results.push(id);
  }
  const approvals = [];
  for (const id of results) approvals.push(await plane.exemptions.approveExemption({ id }, callBy("gia")));
  assert.deepEqual(
    approvals.map((approval) => (approval.ok ? "approved" : approval.error)),
    ["approved", "approved", "renewals-used-up"],
  );
});

test("a rollback plan that makes up for something has a former version on record to go back to", async () => {
  const withPlan = world6
    .replace('controls: ["canary:PT24H"]', "controls: [rollback-plan]")
    .replace("scope: { tiers: [3] }", "scope: {}");
  await using plane = await openExemptionPlane(withPlan, start);
  for (const service of ["checkout-api", "catalog-web"]) {
    const requested = await plane.exemptions.requestExemption(
      { ...asked, scope: { services: [service] } },
      callBy("cat"),
    );
    assert.ok(requested.ok);
    const { id } = requested.value.exemption;
    assert.ok((await plane.exemptions.approveExemption({ id }, callBy("gia"))).ok);
  }
  const planned = { hasRollbackPlan: true } as const;
  const proven = await plane.request("checkout-api", "1.0.0", planned);
  await withUnitTests(plane);
  await plane.sweep();
  assert.equal(await plane.finding(proven, "evidence-fresh"), "pass exempted");
  const claimed = await plane.request("catalog-web", "1.0.0", planned);
  assert.match(
    await plane.sentence(claimed, "evidence-fresh"),
    /The exemption EX-2 is of no use: its control rollback-plan is missing\.$/,
  );
});

test("an override passes one finding of one deployment for some hours, by somebody else, with a reason", async () => {
  await using plane = await openExemptionPlane(world6, start);
  const id = await plane.request("checkout-api", "1.0.0");
  await withUnitTests(plane);
  await plane.sweep();
  const ask = { deployment: id, rule: "evidence-fresh", reason: "The load generator burnt down.", lasts: null };
  const own = await plane.exemptions.overrideFinding(ask, callBy("ann"));
  assert.deepEqual(own, { ok: false, error: "own-request" });
  const known = await plane.exemptions.overrideFinding({ ...ask, rule: "artifact-known" }, callBy("gia"));
  assert.deepEqual(known, { ok: false, error: "not-stopping" });
  const done = await plane.exemptions.overrideFinding(ask, callBy("gia"));
  assert.ok(done.ok);
  assert.equal(done.value.until.toString(), start.add({ hours: 4 }).toString());
  await plane.sweep();
  assert.match(await plane.sentence(id, "evidence-fresh"), /^Passed by gia until .*otherwise: Load-test is missing/);
  assert.equal(await plane.begin(id), true);
  const register = await plane.exemptions.register();
  assert.deepEqual(
    register.uses.map(({ deviation, kind }) => `${kind} ${deviation}`),
    ["override OV-1"],
  );
  const elsewhere = await plane.request("checkout-api", "1.0.0", { environment: "prod-apac" });
  assert.equal(await plane.finding(elsewhere, "evidence-fresh"), "deny evidence-missing");
});

test("what nobody may pass is not overridden: a hard freeze names its own way out", async () => {
  const frozen = `${world6}
---
kind: Freeze
metadata: { name: quarter-end }
spec:
  scope: {}
  strength: hard
  owner: catalog
  reason: The books are closed.
  zone: Europe/Berlin
  start: 2026-04-01T00:00
  end: 2026-04-03T00:00
`;
  await using plane = await openExemptionPlane(frozen, start);
  const id = await plane.request("checkout-api", "1.0.0");
  const ask = { deployment: id, rule: "freeze-in-force", reason: "It is urgent.", lasts: null };
  const refused = await plane.exemptions.overrideFinding(ask, callBy("gia"));
  assert.ok(!refused.ok && typeof refused.error !== "string");
  assert.equal(refused.error.code, "not-overridable");
  assert.match(refused.error.finding, /^The hard freeze quarter-end/);
});
