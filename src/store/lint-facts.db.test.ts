import assert from "node:assert/strict";
import { test } from "node:test";
import { transaction } from "#store/sql.ts";
import { aDeployment, freshStore, insertDeployment, noon, type TestStore } from "#test/support/store.ts";
import { importRota, insertSwap } from "./cover.ts";
import { lintFactsOf, type StoredLintFacts } from "./lint-facts.ts";

const at = noon.add({ hours: 48 });
const between = { from: noon, to: noon.add({ hours: 24 * 30 }) };
const places = { services: ["checkout-api", "pricing-svc", "unseen"], environments: ["prod", "staging"] };

function read(store: TestStore): Promise<StoredLintFacts> {
  return lintFactsOf(store.pool)(at, between, places);
}

async function run(store: TestStore, service: string, minutes: number): Promise<void> {
  const endedAt = noon.add({ minutes });
  await insertDeployment(store, aDeployment({ state: "succeeded", startedAt: noon, endedAt }, { service }));
}

test("the usual run of every place is the one that a verdict there goes by, its environment's where it has none", async () => {
  await using store = await freshStore();
  assert.deepEqual(await read(store), { durations: [], imported: [], swaps: [] });
  for (const minutes of [20, 21, 22, 23]) await run(store, "checkout-api", minutes);
  for (const minutes of [5, 6, 7, 8, 9]) await run(store, "pricing-svc", minutes);
  const { durations } = await read(store);
  assert.deepEqual(
    durations.map(({ service, environment, p95, rollbackP95 }) => [
      service,
      environment,
      String(p95),
      String(rollbackP95),
    ]),
    [
      ["checkout-api", "prod", "PT23M", "PT23M"],
      ["pricing-svc", "prod", "PT9M", "PT9M"],
      ["unseen", "prod", "PT23M", "PT23M"],
    ],
  );
  for (const { service, p95, rollbackP95 } of durations) {
    const subject = aDeployment({}, { service }).subject;
    const facts = await store.transact((records) => records.facts.load(subject, at, at.add({ hours: 1 })));
    assert.deepEqual(
      facts.durations.map((known) => [String(known.p95), String(known.rollbackP95)]),
      [[String(p95), String(rollbackP95)]],
    );
  }
});

test("imported duties and swaps within the range are those in force", async () => {
  await using store = await freshStore();
  const duty = (hours: number) => ({
    person: "ann",
    from: noon.add({ hours }),
    to: noon.add({ hours: hours + 8 }),
  });
  await transaction(store.pool, async (client) => {
    const rota = { team: "ops", source: "feed", until: noon.add({ hours: 24 * 40 }) };
    await importRota(client, { ...rota, id: "rot_old", duties: [duty(1)] }, noon, "ann");
    await importRota(
      client,
      { ...rota, id: "rot_new", duties: [duty(2), duty(-20), duty(24 * 35)] },
      noon.add({ hours: 1 }),
      "ann",
    );
    const swap = { team: "ops", person: "bob", replaces: "ann", reason: "Holiday." };
    await insertSwap(client, { ...swap, id: "swp_1", ...duty(3), person: "bob" }, noon, "ann");
    await insertSwap(client, { ...swap, id: "swp_2", ...duty(24 * 31), person: "bob" }, noon, "ann");
  });
  const { imported, swaps } = await read(store);
  assert.deepEqual(
    imported.map(({ team, duties }) => [team, duties.map(({ from }) => String(from))]),
    [["ops", [String(noon.add({ hours: 2 }))]]],
  );
  assert.deepEqual(
    swaps.map(({ id, person }) => [id, person]),
    [["swp_1", "bob"]],
  );
});
