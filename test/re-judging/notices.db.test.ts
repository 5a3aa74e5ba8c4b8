import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import { at } from "#core/testing.ts";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";

/** Wednesday; the window opens on Saturday at 01:00 in Berlin. */
const wednesday = at("2026-03-25T08:00Z");
const weekend = `${sampleWorld}---
kind: Window
metadata: { name: weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }
`;
const frozen = `${weekend}---
kind: Freeze
metadata: { name: quarter-end }
spec: { scope: {}, strength: hard, zone: Europe/Berlin, start: 2026-03-27T18:00, end: 2026-04-02T06:00, owner: finance }
---
kind: Team
metadata: { name: finance }
spec: { unit: finance }
`;

let plane: CalendarPlane;
afterEach(() => plane[Symbol.asyncDispose]());

async function apply(yaml: string): Promise<void> {
  const input = { files: [{ path: "world.yaml", text: yaml }], mode: "apply" } as const;
  const applied = await plane.operations.applyConfiguration(input, callBy("liv"));
  assert.ok(applied.ok, JSON.stringify(applied));
  // A revision is in force from its own instant on, and two have never the same.
  plane.clock.now = plane.clock.now.add({ seconds: 1 });
}

async function noticesOf(deployment: DeploymentId): Promise<readonly string[]> {
  const { items } = await plane.store.views.notices({ person: null, deployment, limit: 50, cursor: null });
  return items.map(({ person, correction: { was, is, because } }) => {
    const told = [was, is].map(({ decision, opensAt }) => `${decision} ${opensAt?.toString() ?? "never"}`);
    return `${person}: ${told.join(" -> ")} (${because.map(({ rule }) => rule).join(", ")})`;
  });
}

test("a freeze that puts an opening off is told to the person who waits for it, once", async () => {
  plane = await openCalendarPlane(weekend, wednesday);
  const id = await plane.request("checkout-api", "5.0.1");
  await apply(frozen);
  await plane.sweep();
  const expected = "ann: wait 2026-03-28T00:00:00Z -> wait 2026-04-03T23:00:00Z (freeze-in-force)";
  assert.deepEqual(await noticesOf(id), [expected]);
  await plane.sweep();
  assert.equal((await noticesOf(id)).length, 1);
});

test("a wait that ends as it was said to end is told to nobody", async () => {
  plane = await openCalendarPlane(weekend, wednesday);
  const id = await plane.request("checkout-api", "5.0.1");
  plane.clock.now = at("2026-03-28T00:00Z");
  assert.equal(await plane.sweep(), 1);
  assert.deepEqual(await noticesOf(id), []);
});

test("a freeze in force now is told with the rule that stops the work", async () => {
  plane = await openCalendarPlane(weekend, wednesday);
  const id = await plane.request("checkout-api", "5.0.1");
  plane.clock.now = at("2026-03-27T20:00Z");
  await apply(frozen);
  await plane.sweep();
  const [notice] = await noticesOf(id);
  assert.match(notice ?? "", /freeze-in-force/);
});
