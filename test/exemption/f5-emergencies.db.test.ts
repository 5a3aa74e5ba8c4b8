import assert from "node:assert/strict";
import { test } from "node:test";
import { callBy } from "#test/support/calendar-plane.ts";
import { openExemptionPlane, world, type ExemptionPlane } from "#test/exemption/plane.ts";
import { aDigest, at } from "#test/support/store.ts";

/** A hard freeze over the whole month, and windows on Saturdays only: nothing of a Monday passes but an emergency. */
const closed = `${world}
---
kind: Window
metadata: { name: weekend }
spec:
  scope: {}
  zone: target
  start: 2026-01-03T01:00
  rrule: FREQ=WEEKLY;BYDAY=SA
  end: "05:00"
---
kind: Freeze
metadata: { name: quarter-end }
spec:
  scope: {}
  strength: hard
  owner: catalog
  reason: The books are closed.
  zone: Europe/Berlin
  start: 2026-03-01T00:00
  end: 2026-04-01T00:00
---
kind: Policy
metadata: { name: lane }
spec:
  level: central
  owner: checkout
  scope: {}
  settings:
    emergency:
      approvals: 1
      validFor: PT2H
      criteria: [users-affected]
      reviewWithin: P5D
      backMergeWithin: P2D
      rehearsalWithin: P10D
      stopsAfter: P7D
`;

/** A Monday. */
const monday = at("2026-03-09T10:00:00Z");
const ticket = {
  ticket: "INC-42",
  cause: "Checkout answers 500.",
  service: "checkout-api",
  version: "1.0.0",
  environments: ["prod-emea"],
  criteria: ["users-affected"],
  passesFreezes: ["quarter-end"],
};

async function openTicket(plane: ExemptionPlane, change: Partial<typeof ticket> = {}, by = "ann") {
  const opened = await plane.exemptions.openEmergency({ ...ticket, ...change }, callBy(by));
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened.value;
}

const urgent = { class: "emergency" } as const;

test("no ticket, an empty cause and an open criterion deny; a complete one allows its digest for two hours", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  const id = await plane.request("checkout-api", "1.0.0", urgent);
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny no-emergency-ticket");
  const empty = await openTicket(plane, { cause: " " });
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny cause-empty");
  const incomplete = await plane.exemptions.approveEmergency({ id: empty.ticket.id }, callBy("bob"));
  assert.ok(!incomplete.ok && typeof incomplete.error !== "string");
  assert.equal(incomplete.error.code, "ticket-incomplete");
  await openTicket(plane, { criteria: [] });
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny criteria-open");
  const complete = await openTicket(plane);
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny approvals-missing");
  assert.equal(await plane.finding(id, "freeze-in-force"), "wait frozen");
  const approved = await plane.exemptions.approveEmergency({ id: complete.ticket.id }, callBy("bob"));
  assert.ok(approved.ok, JSON.stringify(approved));
  assert.equal(approved.value.ticket.until?.toString(), monday.add({ hours: 2 }).toString());
  await plane.sweep();
  assert.equal((await plane.verdict(id)).decision, "allow");
  assert.equal(await plane.finding(id, "freeze-in-force"), "pass freeze-passed");
  assert.equal(await plane.finding(id, "inside-window"), "pass emergency-lane");
  plane.clock.now = monday.add({ hours: 2 });
  assert.equal(await plane.begin(id), false, "after two hours it starts no more");
  plane.clock.now = monday.add({ hours: 4 });
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny permission-over");
});

test("the permission is for the version whose digest the ticket names, in the places that it names", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  const id = await plane.request("checkout-api", "1.0.0", urgent);
  const { ticket: opened } = await openTicket(plane);
  assert.ok((await plane.exemptions.approveEmergency({ id: opened.id }, callBy("bob"))).ok);
  await plane.sweep();
  assert.equal((await plane.verdict(id)).decision, "allow");
  const there = await plane.request("checkout-api", "1.0.0", { ...urgent, environment: "prod-apac" });
  assert.equal(await plane.finding(there, "emergency-permitted"), "deny no-emergency-ticket");
  const other = await plane.request("checkout-api", "1.0.1", urgent);
  assert.equal(await plane.finding(other, "emergency-permitted"), "deny no-emergency-ticket");
  const normal = await plane.request("checkout-api", "1.0.1", { environment: "prod-apac" });
  assert.equal(await plane.finding(normal, "freeze-in-force"), "wait frozen");
});

test("whoever would feel it is told when it is opened and when it is permitted, with the impact of the graph", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  await plane.request("checkout-api", "1.0.0", urgent);
  const opened = await openTicket(plane);
  assert.deepEqual(opened.ticket.impact, ["catalog-web"]);
  assert.ok((await plane.exemptions.approveEmergency({ id: opened.ticket.id }, callBy("bob"))).ok);
  const told = await plane.exemptions.listAnnouncements({ person: "cat", object: null }, 10);
  assert.deepEqual(
    told.map(({ sentence }) => sentence),
    [
      "The emergency EM-1 (INC-42) permits checkout-api 1.0.0 until Mon 9 Mar 2026 13:00 Europe/Berlin (2026-03-09T12:00Z)",
      "ann has opened the emergency EM-1 (INC-42) for checkout-api 1.0.0 in prod-emea: Checkout answers 500.",
    ],
  );
  const dana = await plane.exemptions.listAnnouncements({ person: "dana", object: null }, 10);
  assert.deepEqual(dana, []);
});

async function runOne(plane: ExemptionPlane): Promise<string> {
  const id = await plane.request("checkout-api", "1.0.0", urgent);
  const { ticket: opened } = await openTicket(plane);
  assert.ok((await plane.exemptions.approveEmergency({ id: opened.id }, callBy("bob"))).ok);
  await plane.sweep();
  assert.equal(await plane.begin(id), true);
  return opened.id;
}

test("its start owes a review after five working days, a back-merge and a rehearsal", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  const emergency = await runOne(plane);
  const debts = await plane.exemptions.listDebts({ team: "checkout", emergency, show: "open", limit: 10 });
  assert.deepEqual(
    debts.map(({ kind, dueAt }) => `${kind} ${dueAt.toString()}`),
    ["back-merge 2026-03-11T10:00:00Z", "review 2026-03-16T10:00:00Z", "rehearsal 2026-03-23T10:00:00Z"],
  );
  const [backMerge] = debts;
  assert.ok(backMerge);
  const evidence = "commit 4f2a on main";
  assert.ok((await plane.exemptions.payDebt({ id: backMerge.id, evidence }, callBy("ann"))).ok);
  const twice = await plane.exemptions.payDebt({ id: backMerge.id, evidence }, callBy("ann"));
  assert.deepEqual(twice, { ok: false, error: "already-paid" });
  const left = await plane.exemptions.listDebts({ team: "checkout", emergency: null, show: "open", limit: 10 });
  assert.deepEqual(
    left.map(({ kind }) => kind),
    ["review", "rehearsal"],
  );
});

test("an overdue review makes the team's next emergency need one approver more, of compliance, until it is paid", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  await runOne(plane);
  plane.clock.now = at("2026-03-16T10:00:00Z");
  const id = await plane.request("checkout-api", "1.0.1", urgent);
  const { ticket: opened } = await openTicket(plane, { version: "1.0.1" });
  const first = await plane.exemptions.approveEmergency({ id: opened.id }, callBy("bob"));
  assert.ok(first.ok && first.value.ticket.until === null);
  await plane.sweep();
  assert.match(
    await plane.sentence(id, "emergency-permitted"),
    /1 of 2 approvals, one more than usual because the back-merge of EM-1 and the review of EM-1 are overdue|1 of 2 approvals, one more than usual because the review of EM-1 and the back-merge of EM-1 are overdue/,
  );
  const second = await plane.exemptions.approveEmergency({ id: opened.id }, callBy("dana"));
  assert.ok(second.ok && second.value.ticket.until === null, "two approvers, none of them of compliance");
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "deny compliance-missing");
  const third = await plane.exemptions.approveEmergency({ id: opened.id }, callBy("gia"));
  assert.ok(third.ok && third.value.ticket.until !== null);
  await plane.sweep();
  assert.equal(await plane.finding(id, "emergency-permitted"), "pass emergency-permitted");
});

test("debts overdue for longer than the policy allows stop the team's other work until they are paid", async () => {
  await using plane = await openExemptionPlane(closed, monday);
  await runOne(plane);
  plane.clock.now = at("2026-04-04T02:00:00Z");
  const id = await plane.request("checkout-api", "1.0.1");
  assert.equal(await plane.finding(id, "debts-settled"), "deny debts-stop");
  const others = await plane.request("catalog-web", "1.0.1");
  assert.equal(await plane.finding(others, "debts-settled"), "not-applicable no-debts");
  const open = await plane.exemptions.listDebts({ team: "checkout", emergency: null, show: "open", limit: 10 });
  for (const debt of open) {
    const by = debt.kind === "review" ? "dana" : "ann";
    assert.ok((await plane.exemptions.payDebt({ id: debt.id, evidence: "minutes 7" }, callBy(by))).ok);
  }
  await plane.sweep();
  assert.equal(await plane.finding(id, "debts-settled"), "not-applicable no-debts");
});

for (const [title, by, code] of [
  ["its opener", "ann", "own-request"],
  ["whoever asked for the change", "cat", "own-request"],
  ["whoever made it", "emil", "own-work"],
  ["somebody who may not judge emergencies", "fay", "not-entitled"],
  ["an approver who had no part in it", "dana", null],
] as const) {
  test(`a review owed is ${code === null ? "paid" : `refused (${code})`} by ${title}`, async () => {
    const others = ["emil", "fay"].map(
      (name) => `
---
kind: Person
metadata: { name: ${name} }
spec: { roles: [${name === "emil" ? "approver" : "operator"}] }
`,
    );
    await using plane = await openExemptionPlane(`${closed}${others.join("")}`, monday);
    const artifact = { service: "checkout-api", version: "1.0.0", digest: aDigest, author: null };
    assert.ok((await plane.operations.registerArtifact(artifact, callBy("emil"))).ok);
    const request = {
      service: "checkout-api",
      version: "1.0.0",
      environment: "prod-emea",
      class: "emergency",
      whenBlocked: "wait",
    } as const;
    const requested = await plane.operations.requestDeployment(request, callBy("cat"));
    assert.ok(requested.ok);
    const id = requested.value;
    const { ticket: opened } = await openTicket(plane);
    assert.ok((await plane.exemptions.approveEmergency({ id: opened.id }, callBy("bob"))).ok);
    await plane.sweep();
    assert.equal(await plane.begin(id), true);
    const debts = await plane.exemptions.listDebts({ team: null, emergency: opened.id, show: "open", limit: 10 });
    const review = debts.find(({ kind }) => kind === "review");
    assert.ok(review !== undefined);
    const paid = await plane.exemptions.payDebt({ id: review.id, evidence: "minutes 7" }, callBy(by));
    assert.equal(paid.ok ? null : paid.error, code);
  });
}

test("neither opener nor author approves, nor does anybody off duty; compliance does without a shift", async () => {
  const withRota = `${closed}
---
kind: Rota
metadata: { name: checkout-on-call }
spec:
  team: checkout
  zone: Europe/Berlin
  shifts:
    - { name: day, start: 2026-01-05T08:00, rrule: FREQ=DAILY, end: "20:00", persons: [bob], handoverDays: 7 }
`;
  await using plane = await openExemptionPlane(withRota, monday);
  await plane.request("checkout-api", "1.0.0", urgent);
  const { ticket: opened } = await openTicket(plane, {}, "bob");
  const approve = (by: string) => plane.exemptions.approveEmergency({ id: opened.id }, callBy(by));
  assert.deepEqual(await approve("bob"), { ok: false, error: "own-request" });
  assert.deepEqual(await approve("dana"), { ok: false, error: "not-on-duty" });
  const byCompliance = await approve("gia");
  assert.ok(byCompliance.ok && byCompliance.value.ticket.until !== null);
  assert.deepEqual(await approve("gia"), { ok: false, error: "already-approved" });
});

for (const [title, change, code] of [
  ["for a service that is not there", { service: "no-such" }, "no-such-service"],
  ["for a version that is not registered", { version: "9.9.9" }, "no-such-artifact"],
  ["for a place that is not there", { environments: ["prod-mars"] }, "no-such-environment"],
  ["past a freeze that is not there", { passesFreezes: ["no-such"] }, "no-such-freeze"],
] as const) {
  test(`a ticket ${title} is refused with ${code}`, async () => {
    await using plane = await openExemptionPlane(closed, monday);
    await plane.request("checkout-api", "1.0.0", urgent);
    const input = { ...ticket, ...change };
    const refused = await plane.exemptions.openEmergency(input, callBy("ann"));
    assert.ok(!refused.ok);
    assert.equal(typeof refused.error === "string" ? refused.error : refused.error.code, code);
  });
}

test("an ordinary approval passes no soft freeze; consent in spite of it does, on a route that covers the change", async () => {
  const soft = `${world}
---
kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: {}, priority: 1, approvals: 1, roles: [approver] }
---
kind: ApprovalRoute
metadata: { name: urgent-only }
spec: { scope: { classes: [emergency] }, priority: 9, approvals: 1, roles: [approver] }
---
kind: ApprovalRoute
metadata: { name: spring-passage }
spec: { scope: { services: [checkout-api] }, priority: 0, approvals: 1, roles: [compliance] }
---
kind: Freeze
metadata: { name: spring }
spec: &freeze
  scope: { services: [checkout-api] }
  strength: soft
  owner: catalog
  reason: A campaign runs.
  passesWith: spring-passage
  zone: Europe/Berlin
  start: 2026-03-01T00:00
  end: 2026-04-01T00:00
---
kind: Freeze
metadata: { name: web-quiet }
spec:
  scope: { services: [catalog-web] }
  strength: soft
  owner: catalog
  reason: A campaign runs.
  passesWith: urgent-only
  zone: Europe/Berlin
  start: 2026-03-01T00:00
  end: 2026-04-01T00:00
`.replace(" &freeze", "");
  await using plane = await openExemptionPlane(soft, monday);
  const id = await plane.request("checkout-api", "1.0.0");
  const content = async () => (await plane.store.views.deployment(id))?.record.contentDigest ?? "";
  const approval = { id, decision: "approved", reason: null, contentDigest: await content() } as const;
  assert.ok((await plane.operations.decideApproval({ ...approval, despite: [] }, callBy("bob"))).ok);
  await plane.sweep();
  assert.equal(await plane.finding(id, "approved-by-another"), "pass approved");
  assert.equal(await plane.finding(id, "freeze-in-force"), "wait frozen");
  const withoutRight = await plane.operations.decideApproval({ ...approval, despite: ["spring"] }, callBy("dana"));
  assert.deepEqual(withoutRight, { ok: false, error: "not-entitled" });
  const unknown = await plane.operations.decideApproval({ ...approval, despite: ["winter"] }, callBy("gia"));
  assert.deepEqual(unknown, { ok: false, error: "no-such-freeze" });
  assert.ok((await plane.operations.decideApproval({ ...approval, despite: ["spring"] }, callBy("gia"))).ok);
  await plane.sweep();
  assert.equal((await plane.verdict(id)).decision, "allow");
  assert.match(
    await plane.sentence(id, "freeze-in-force"),
    /^The soft freeze spring of catalog is in force until Wed 1 Apr 2026 .*, passed by gia\.$/,
  );
  const web = await plane.request("catalog-web", "1.0.0");
  const shown = (await plane.store.views.deployment(web))?.record.contentDigest ?? "";
  const onWeb = { id: web, decision: "approved", reason: null, contentDigest: shown, despite: ["web-quiet"] } as const;
  const refused = await plane.operations.decideApproval(onWeb, callBy("bob"));
  assert.deepEqual(refused, { ok: false, error: "freeze-not-passable" });
});
