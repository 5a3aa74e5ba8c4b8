import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { at } from "#core/testing.ts";
import type { Call } from "#usecases/operations.ts";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";

/*
 * A rule cannot be edited to let through one's own change: whoever asked for open work, or wrote it, needs another person
 * to ease what stops it. Ann asks; checkout-api 5.0.1 waits for a freeze, a window, approvals and coverage.
 */

const noon = at("2026-03-25T12:00Z");

const freeze = `---
kind: Freeze
metadata: { name: quarter-end }
spec: { scope: { environments: [prod-emea] }, strength: hard, zone: Europe/Berlin, start: 2026-03-24T00:00, end: 2026-04-02T06:00, owner: ledger }
`;
const window = `---
kind: Window
metadata: { name: nights }
spec: { scope: { environments: [prod-emea] }, zone: target, start: 2026-01-05T02:00, rrule: FREQ=DAILY, end: "04:00" }
`;
const route = `---
kind: ApprovalRoute
metadata: { name: prod }
spec: { scope: { environments: [prod-emea] }, approvals: 2, roles: [operator] }
`;
const policy = `---
kind: Policy
metadata: { name: bar }
spec: { level: central, owner: checkout, scope: { environments: [prod-emea] }, settings: { evidence: [{ kind: coverage, min: 80, maxAge: P7D }] } }
`;
const world = `${sampleWorld}${freeze}${window}${route}${policy}`;

let plane: CalendarPlane;
beforeEach(async () => {
  plane = await openCalendarPlane(world, noon);
  await plane.request("checkout-api", "5.0.1");
});
afterEach(() => plane[Symbol.asyncDispose]());

type Applied = Awaited<ReturnType<CalendarPlane["operations"]["applyConfiguration"]>>;

function apply(yaml: string, call: Call = callBy("ann"), mode: "apply" | "dry-run" = "apply"): Promise<Applied> {
  plane.clock.now = plane.clock.now.add({ seconds: 1 });
  return plane.operations.applyConfiguration({ files: [{ path: "world.yaml", text: yaml }], mode }, call);
}

const codesOf = (applied: Applied): readonly string[] =>
  applied.ok ? [] : applied.error.problems.map(({ code }) => code);

const easings: readonly (readonly [title: string, yaml: string])[] = [
  ["a freeze is removed", world.replace(freeze, "")],
  ["a freeze ends earlier", world.replace("end: 2026-04-02T06:00", "end: 2026-03-30T06:00")],
  [
    "a freeze is read in another zone",
    world.replace("zone: Europe/Berlin, start: 2026-03-24", "zone: Asia/Tokyo, start: 2026-03-24"),
  ],
  [
    "a freeze leaves the environment",
    world.replace(
      "scope: { environments: [prod-emea] }, strength",
      "scope: { environments: [prod-emea], classes: [emergency] }, strength",
    ),
  ],
  ["a window grows", world.replace('end: "04:00"', 'end: "18:00"')],
  ["a route asks for fewer", world.replace("approvals: 2", "approvals: 1")],
  ["a route lets others approve", world.replace("2, roles: [operator]", "2, roles: [operator, developer]")],
  ["a route is removed", world.replace(route, "")],
  ["a policy asks for less of what nobody has reported yet", world.replace("min: 80", "min: 70")],
  ["a policy lets evidence grow older", world.replace("maxAge: P7D", "maxAge: P30D")],
  ["a policy is removed", world.replace(policy, "")],
];

for (const [title, yaml] of easings) {
  test(`${title}: refused for the person whose change it stops, and nothing is changed; another person may`, async () => {
    assert.notEqual(yaml, world, "the case changes nothing");
    const before = await plane.store.transact((records) => records.configuration.inForce());
    const refused = await apply(yaml);
    assert.deepEqual([...new Set(codesOf(refused))], ["own-change"]);
    assert.deepEqual(await plane.store.transact((records) => records.configuration.inForce()), before);
    const applied = await apply(yaml, callBy("liv"));
    assert.ok(applied.ok && applied.value.applied, JSON.stringify(applied));
  });
}

test("the answer names the person, the work, the rule and who can help", async () => {
  const refused = await apply(world.replace(freeze, ""));
  const [problem] = refused.ok ? [] : refused.error.problems;
  assert.match(
    problem?.message ?? "",
    /^ann has asked for or written checkout-api@5\.0\.1 for prod-emea \(dep_\w+\), and these documents ease what stops it, by freeze-in-force: .*quarter-end/,
  );
  assert.equal(problem?.remedy, "Let another person apply them, or ask for an exemption of your change.");
});

test("a second account of the same person is the same person, and so is whoever wrote the artifact", async () => {
  const yaml = world.replace(freeze, "");
  const bot: Call = { actor: { person: "ann", account: "ann-bot", method: "token" }, requestId: "test" };
  assert.deepEqual(codesOf(await apply(yaml, bot)), ["own-change"]);
  assert.ok(
    (
      await plane.operations.registerArtifact(
        { service: "ledger-core", version: "2.0.0", digest: `sha256:${"b".repeat(64)}`, author: "cem" },
        callBy("ann"),
      )
    ).ok,
  );
  await plane.operations.requestDeployment(
    { service: "ledger-core", version: "2.0.0", environment: "prod-emea", class: "normal", whenBlocked: "wait" },
    callBy("bob"),
  );
  assert.deepEqual(codesOf(await apply(yaml, callBy("cem"))), ["own-change"]);
});

const harmless: readonly (readonly [title: string, yaml: string])[] = [
  ["a stricter policy", world.replace("min: 80", "min: 90")],
  ["a longer freeze", world.replace("end: 2026-04-02T06:00", "end: 2026-04-03T06:00")],
  ["one more approval", world.replace("approvals: 2", "approvals: 3")],
  [
    "another word about a policy",
    world.replace("metadata: { name: bar }", "metadata: { name: bar, description: As agreed. }"),
  ],
  ["a document about something else", `${world}---\nkind: Team\nmetadata: { name: other }\nspec: { unit: retail }\n`],
];

for (const [title, yaml] of harmless) {
  test(`${title} is applied by whoever has work that waits`, async () => {
    const applied = await apply(yaml);
    assert.ok(applied.ok && applied.value.applied, JSON.stringify(applied));
  });
}

test("what eases the work of others alone, and what is only tried, is nobody's own change", async () => {
  const yaml = world.replace(freeze, "");
  assert.ok((await apply(yaml, callBy("ann"), "dry-run")).ok);
  assert.ok((await apply(yaml, callBy("bob"))).ok);
});

test("work that has ended stops nothing any more", async () => {
  const [own] = await plane.store.transact((records) => records.deployments.openOf("ann", 10));
  assert.ok(own);
  const ended = { endedAt: plane.clock.now, outcome: "Cancelled." };
  await plane.store.transact((records) => records.deployments.move(own.id, "waiting", "cancelled", ended));
  assert.ok((await apply(world.replace(freeze, ""))).ok);
});
