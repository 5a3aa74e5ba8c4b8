import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import type { ProvenControl } from "#connectors/port.ts";
import type { TestStore } from "#test/support/store.ts";
import { openPlane, openStore, type Plane } from "#test/main-job/bench.ts";

/* Security controls of a target within a whole rollout: before users, and when the version has all of them. */

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const actor = { person: "ann", account: "ann", method: "token" } as const;
let store: TestStore;
before(async () => {
  store = await openStore(6, startAt);
});
after(() => store[Symbol.asyncDispose]());

function control(overrides: Partial<ProvenControl>): ProvenControl {
  const found = { outcome: "proven", detail: "The probe got 403.", facts: { hostile: "403" } } as const;
  return {
    name: "waf",
    kind: "refused",
    onFailure: "roll-back",
    ...found,
    observedAt: startAt.toString(),
    ...overrides,
  };
}

const open = { outcome: "failed", detail: "The probe got 200, not 403.", facts: { hostile: "200" } } as const;

async function play(service: string, controls: Parameters<typeof openPlane>[3]) {
  const plane = openPlane(store, startAt, [service], controls);
  const id = await plane.request(service);
  await plane.engine.settle();
  return { plane, id };
}

async function ended(plane: Plane, id: Parameters<Plane["abort"]>[0]["id"]) {
  await plane.engine.settle();
  await plane.engine.drain();
  const view = await store.views.deployment(id);
  assert.ok(view !== null);
  return view;
}

const kept = z.array(z.object({ kind: z.string(), outcome: z.string() }));

async function evidenceOf(run: string) {
  const found = await store.pool.query("select report from report where report ->> 'ref' = $1 order by seq", [run]);
  return kept.parse(found.rows.map((row: { readonly report: unknown }) => row.report));
}

test("a control that fails before users ends the run with its reason, and nobody has seen the version", async () => {
  const { plane, id } = await play("s0", { controls: { prepared: [control(open)] } });
  const { record, timeline } = await ended(plane, id);
  assert.equal(record.state, "failed");
  assert.equal(record.outcome, "Security controls are not proven: waf failed: The probe got 200, not 403.");
  assert.ok(plane.target.ledger.every(({ effect }) => effect !== "set-weights"));
  const line = timeline.find(({ name }) => name === "security controls");
  assert.deepEqual(line?.detail, { controls: [control(open)] }, "with the raw facts");
});

test("a control that fails when the version is live takes it back", async () => {
  const { plane, id } = await play("s1", { controls: { live: [control(open)] } });
  const { record } = await ended(plane, id);
  assert.equal(record.state, "rolled-back");
  assert.match(record.outcome ?? "", /waf failed.*s1@1\.0\.0 is verified live at the target/);
});

test("what could not be looked at holds where the target asks for it, and a person may let it go on", async () => {
  const unseen = control({ name: "tls", onFailure: "hold", outcome: "inconclusive", detail: "ECONNREFUSED." });
  const { plane, id } = await play("s2", { controls: { prepared: [unseen], live: [unseen] } });
  for (const percent of [0, 100]) {
    const held = (await store.views.deployment(id))?.record.held ?? "";
    assert.match(
      held,
      new RegExp(`^Holds at ${percent} %: Security controls are not proven: tls could not be looked at`),
    );
    assert.ok(
      (
        await plane.decideHeld(
          { id, decision: "go-on", reason: "seen by hand" },
          { actor, requestId: `decide-${percent}` },
        )
      ).ok,
    );
    await plane.engine.settle();
  }
  const { record, timeline } = await ended(plane, id);
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  assert.deepEqual(
    timeline.filter(({ step }) => step === "wait").map(({ name, phase }) => `${name} ${phase}`),
    ["hold at 0 % started", "hold at 0 % done", "hold at 100 % when live started", "hold at 100 % when live done"],
  );
});

test("without an answer to a hold it goes back", async () => {
  const failing = control({ ...open, onFailure: "hold" });
  const { plane, id } = await play("s3", { controls: { prepared: [failing] } });
  const { record } = await ended(plane, id);
  assert.match(record.outcome ?? "", /waf failed.*nobody decided in time/);
  assert.notEqual(record.state, "succeeded");
});

test("a run that held its last stage holds once more for a control when live", async () => {
  const { plane, id } = await play("s4", { controls: { live: [control({ ...open, onFailure: "hold" })] } });
  plane.target.setTraffic({ environment: "prod", service: "s4" }, { perSecond: 0 });
  const { record } = await ended(plane, id);
  assert.notEqual(record.state, "succeeded");
});

test("controls that are proven are on the record of the run and evidence on the digest", async () => {
  const { plane, id } = await play("s5", { controls: { prepared: [control({})], live: [control({ name: "tls" })] } });
  const { record, timeline } = await ended(plane, id);
  assert.equal(record.state, "succeeded", record.outcome ?? "");
  const said = timeline.filter(({ name }) => name.startsWith("security controls")).map(({ sentence }) => sentence);
  assert.deepEqual(said, ["Security controls are proven: waf.", "Security controls are proven: tls."]);
  assert.deepEqual(
    (await evidenceOf(id)).map(({ kind, outcome }) => [kind, outcome]),
    [
      ["security-controls", "pass"],
      ["security-controls", "pass"],
    ],
  );
});
