import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import { makeSequences } from "#usecases/plan/sequences.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { aDeployment, aDigest, freshStore, insertDeployment, noon } from "#test/support/store.ts";

const services = ["ledger", "pricing", "shop"].map(
  (name) => `kind: Service\nmetadata: { name: ${name} }\nspec: { unit: retail, team: web, tier: 2 }\n---\n`,
);
const organisation = documentsOf(`${services.join("")}kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, windows: optional }
---
kind: Environment
metadata: { name: staging }
spec: { zone: Europe/Berlin, windows: optional }
---
kind: Sequence
metadata: { name: new-ledger }
spec:
  owner: web
  environments: ["prod*"]
  releases:
    - { service: shop, after: [pricing] }
    - { service: pricing, versions: ">=3", after: [ledger], soak: PT2H }
    - { service: ledger, versions: ">=4", soak: PT24H }
`);

test("a failure upstream moves the dates of everything behind it", async () => {
  await using store = await freshStore();
  await transaction(store.pool, (client) => applyDocuments(client, { documents: organisation, at: noon, by: "ann" }));
  let now = noon;
  const { forecastSequence, listSequences } = makeSequences({ now: () => now, transact: store.transact });
  const forecast = async (): Promise<readonly unknown[]> => {
    const found = await forecastSequence("new-ledger", "prod");
    if (!found.ok) assert.fail(found.error);
    return found.value.releases.map(({ release, state, readyAt, isCritical }) => {
      assert.ok(isCritical, "there is one way only");
      return [release.name, state, noon.until(readyAt).total("hours")];
    });
  };
  assert.deepEqual(
    (await listSequences()).map(({ name }) => name),
    ["new-ledger"],
  );
  assert.deepEqual(await forecast(), [
    ["shop", "missing", 27.5],
    ["pricing", "missing", 27],
    ["ledger", "missing", 24.5],
  ]);
  const live = {
    service: "ledger",
    environment: "prod",
    version: "4.0.0",
    digest: aDigest,
    at: noon,
    deployment: null,
  };
  await store.transact((records) => records.inventory.record(live));
  now = noon.add({ hours: 6 });
  assert.deepEqual((await forecast()).at(-1), ["ledger", "soaking", 24]);
  const id = await insertDeployment(store, {
    ...aDeployment({}, { service: "ledger", version: "3.9.0", environment: "prod", action: "roll-back" }),
    requestedAt: now,
  });
  await store.transact(async (records) => {
    await records.deployments.move(id, "waiting", "queued", { nextCheckAt: null });
    await records.deployments.move(id, "queued", "running", { startedAt: now, control: "4.0.0" });
    await records.deployments.move(id, "running", "succeeded", { endedAt: now, outcome: "Back." });
    await records.inventory.record({ ...live, version: "3.9.0", at: now, deployment: id });
  });
  assert.deepEqual(await forecast(), [
    ["shop", "missing", 33.5],
    ["pricing", "missing", 33],
    ["ledger", "back", 30.5],
  ]);
  assert.deepEqual(await forecastSequence("new-ledger", "staging"), { ok: false, error: "sequence-not-there" });
});
