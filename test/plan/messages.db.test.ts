import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Rota
metadata: { name: checkout-on-call }
spec:
  team: checkout
  zone: Europe/Berlin
  shifts:
    - { name: day, start: 2026-01-05T08:00, rrule: FREQ=DAILY, end: "20:00", persons: [alice, bob], handoverDays: 1 }
---
apiVersion: tidegate.dev/v1
kind: Team
metadata: { name: ledger }
spec: { unit: retail }
---
apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: lena }
spec: { teams: [ledger], roles: [developer], accounts: [{ name: lena, kind: human }] }
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: move }
spec:
  owner: checkout
  within: P1D
  steps:
    - { name: tell, notify: { to: [compliance], onCall: [checkout, ledger], text: Orders are about to move. } }
    - { name: none, after: [tell], notify: { to: [nobody], text: Nobody hears it. } }
    - { name: work, after: [none], timeout: PT8H, contacts: [checkout, ledger], humanTask: { who: checkout, instruction: Work. } }
  rollback:
    - { name: sorry, notify: { to: [checkout], text: They did not. } }
`;

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

const told = async ({ plans }: PlanPlane, person: string): Promise<readonly string[]> =>
  (await plans.listMessages(person, { limit: 10, cursor: null })).items.map(({ text }) => text);

test("Whom a step names is told once, with whoever is on call then, and all of a team without a rota", () =>
  withPlane(async (plane) => {
    const { start, transact, store } = plane;
    const { run, steps } = await start("move");
    assert.equal(steps[0]?.state, "done", steps[0]?.outcome ?? "");
    const onCall = /Told (alice|bob), carl, lena\./.exec(steps[0]?.outcome ?? "")?.[1] ?? "";
    assert.notEqual(onCall, "");
    assert.equal(steps[1]?.state, "skipped");
    for (const person of [onCall, "carl", "lena"]) {
      assert.deepEqual(await told(plane, person), ["Orders are about to move."]);
    }
    assert.deepEqual(await told(plane, "carol"), []);
    const again = { key: `${run.id}:forward:tell`, run: run.id, at: run.startedAt, text: "Orders are about to move." };
    assert.equal(await transact((records) => records.messages.insert(again, ["carl"])), 0);
    await assert.rejects(store.pool.query("update plan_message set text = 'x'"), /plan_message/);
  }));

test("A run shows who of the teams that a step names is on call now, by rota and swap, and where nobody knows", () =>
  withPlane(async (plane) => {
    const { start, show, clock, operations } = plane;
    const { run } = await start("move");
    const contacts = async () => (await show(run.id)).kept.onCall;
    const [checkout, ledger] = await contacts();
    assert.equal(checkout?.persons.length, 1);
    assert.deepEqual(ledger, { team: "ledger", persons: [], unknown: "no rota is known" });
    const swap = { team: "checkout", person: "carol", replaces: checkout.persons[0] ?? null, reason: "She is away." };
    const span = { from: clock.now(), to: clock.now().add({ hours: 2 }) };
    const swapped = await operations.swapShift({ ...swap, ...span }, callOf("olga"));
    assert.ok(swapped.ok, JSON.stringify(swapped));
    assert.deepEqual((await contacts())[0]?.persons, ["carol"]);
    clock.advance(Temporal.Duration.from({ hours: 3 }));
    assert.deepEqual((await contacts())[0]?.persons, checkout.persons);
    clock.advance(Temporal.Duration.from({ hours: 5 }));
    assert.deepEqual((await contacts())[0]?.persons, [], "after 20:00 nobody is");
  }));

test("Messages are listed newest first, a page at a time", () =>
  withPlane(async (plane) => {
    const { start, plans } = plane;
    for (let turn = 0; turn < 3; turn++) await start("move");
    const first = await plans.listMessages("carl", { limit: 2, cursor: null });
    assert.equal(first.items.length, 2);
    const second = await plans.listMessages("carl", { limit: 2, cursor: first.next });
    assert.deepEqual([second.items.length, second.next], [1, null]);
    assert.deepEqual((await plans.listMessages("carl", { limit: 2, cursor: "x" })).items, []);
  }));
