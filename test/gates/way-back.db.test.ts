import assert from "node:assert/strict";
import { test } from "node:test";
import type { Document } from "#config/document.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { callOf, codeOf, noon, open, openGates, redeemed, type GatePlane } from "#test/gates/plane.ts";

/* A freeze lets what goes back through; what is only called so it does not. */

const frozen: readonly Document[] = [
  ...open,
  ...documentsOf(`apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: quarter-end }
spec: { scope: { environments: ["prod"] }, strength: hard, zone: UTC, start: 2026-11-01T00:00, end: 2026-11-05T00:00, owner: checkout, reason: The books are closed. }`),
];

const hex = { "1.0.0": "1", "1.1.0": "2", "1.2.0": "3" } as const;
type Version = keyof typeof hex;
const digestOf = (version: Version): string => `sha256:${hex[version].repeat(64)}`;
const operator = callOf("olga", "olga-ci");

/** Versions with a digest of their own each; those named were live one after the other. */
async function openWith(live: readonly Version[]): Promise<GatePlane> {
  const plane = await openGates({ documents: frozen });
  await plane.store.pool.query("delete from artifact");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"] as const) {
    const artifact = { service: "checkout-api", version, digest: digestOf(version), author: null, registeredAt: noon };
    await plane.transact((records) => records.artifacts.register(artifact));
  }
  for (const [place, version] of live.entries()) await goLive(plane, version, noon.subtract({ hours: 9 - place }));
  return plane;
}

async function goLive(plane: GatePlane, version: Version, at: Temporal.Instant): Promise<void> {
  const place = { service: "checkout-api", environment: "prod" };
  await plane.transact((records) =>
    records.inventory.record({ ...place, version, digest: digestOf(version), at, deployment: null }),
  );
}

async function answerTo(plane: GatePlane, action: "roll-back" | "restart" | "deploy", version: Version) {
  try {
    const { view, token } = await plane.ask({ action, version, externalRun: `${action}-${version}` }, operator);
    const id = view.gate.id;
    assert.ok((await plane.gates.cancel({ id, reason: "Only asked." }, operator)).ok);
    return token === null ? (view.verdict?.decision ?? "unknown") : "token";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const [live, action, version, answer] of [
  [["1.0.0", "1.1.0"], "roll-back", "1.0.0", "token"],
  [["1.0.0", "1.1.0"], "roll-back", "1.1.0", "token"],
  [["1.0.0", "1.1.0"], "roll-back", "1.2.0", "not-the-way-back"],
  [["1.0.0", "1.1.0", "1.2.0"], "roll-back", "1.0.0", "not-the-way-back"],
  [["1.0.0"], "roll-back", "1.1.0", "not-the-way-back"],
  [[], "roll-back", "1.0.0", "not-the-way-back"],
  [["1.0.0", "1.1.0"], "restart", "1.1.0", "token"],
  [["1.0.0", "1.1.0"], "restart", "1.0.0", "not-a-restart"],
  [[], "restart", "1.0.0", "not-a-restart"],
  [["1.0.0"], "deploy", "1.1.0", "wait"],
] as const) {
  const before = live.length === 0 ? "nothing was live" : `${live.join(" and then ")} went live`;
  test(`in a freeze, where ${before}, ${action} of ${version} is answered with ${answer}`, async () => {
    await using plane = await openWith(live);
    assert.equal(await answerTo(plane, action, version), answer);
  });
}

test("going back takes the right to, at the gate as at every other door", async () => {
  await using plane = await openWith(["1.0.0", "1.1.0"]);
  const input = { action: "roll-back", version: "1.0.0" } as const;
  await assert.rejects(plane.ask(input), { message: "may-not-roll-back" });
  assert.ok((await plane.ask(input, operator)).token !== null);
});

for (const action of ["roll-back", "restart"] as const) {
  test(`a token for a ${action} is none any more when another version has gone live since`, async () => {
    await using plane = await openWith(["1.0.0", "1.1.0"]);
    const version = action === "restart" ? "1.1.0" : "1.0.0";
    const asked = await plane.ask({ action, version }, operator);
    await goLive(plane, "1.2.0", noon);
    assert.equal(codeOf(await plane.redeem(asked, operator)), "not-allowed");
    const view = await plane.gates.show(asked.view.gate.id);
    assert.equal(view?.deployment.state, "rejected");
  });
}

test("what a way back took away is asked for as a deployment, not as another way back", async () => {
  await using plane = await openWith(["1.0.0", "1.1.0"]);
  const { view, lease } = redeemed(
    await plane.redeem(await plane.ask({ action: "roll-back", version: "1.0.0" }, operator), operator),
  );
  const result = { outcome: "succeeded", live: null } as const;
  assert.ok((await plane.gates.report({ id: view.gate.id, lease, result }, operator)).ok);
  assert.equal(await answerTo(plane, "roll-back", "1.1.0"), "not-the-way-back");
  assert.equal(await answerTo(plane, "deploy", "1.1.0"), "wait");
});

test("a token for the way back is redeemed while the same version is live", async () => {
  await using plane = await openWith(["1.0.0", "1.1.0"]);
  const asked = await plane.ask({ action: "roll-back", version: "1.0.0" }, operator);
  assert.ok(redeemed(await plane.redeem(asked, operator)).fence > 0);
});
