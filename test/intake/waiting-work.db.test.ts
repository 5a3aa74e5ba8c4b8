import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeploymentId } from "#core/id.ts";
import type { Signal } from "#core/release/state.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { tellRunWith } from "#main/bind-operations.ts";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import { openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { callOf } from "#test/intake/plane.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");

/** Of three services s1 needs s0, and s2 needs nobody; oli operates them. */
const documents = organisationOf(3).map((document) => {
  if (document.name === "s1")
    return { ...document, spec: { ...document.spec, dependsOn: [{ service: "s0", kind: "sync" }] } };
  if (document.name !== "ann") return document;
  return { ...document, spec: { ...document.spec, roles: ["operator"] } };
});

interface Bench {
  readonly plane: Plane;
  readonly intake: IntakeOperations;
  readonly say: (status: Signal["status"]) => Promise<void>;
  /** Sweeps once as every worker does each second, and lets what has started run to its end. */
  readonly sweep: () => Promise<void>;
  readonly blockers: (id: DeploymentId) => Promise<readonly string[]>;
  readonly stateOf: (id: DeploymentId) => Promise<string>;
  readonly actions: () => Promise<readonly string[]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function openBench(): Promise<Bench> {
  const store = await openStore(3, startAt);
  await transaction(store.pool, (client) =>
    applyDocuments(client, { documents, at: startAt.add({ seconds: 1 }), by: "ann" }),
  );
  const plane = openPlane(store, startAt.add({ minutes: 1 }), ["s0", "s1", "s2"]);
  const intake = bindIntake(store.pool, plane.transact, plane.clock.now, tellRunWith(plane.engine.starter));
  const viewOf = async (id: DeploymentId) => {
    const view = await store.views.deployment(id);
    assert.ok(view !== null);
    return view;
  };
  return {
    plane,
    intake,
    say: async (status) => {
      const record = {
        service: "s0",
        environment: null,
        status,
        source: "statuspage",
        at: plane.clock.now(),
        ref: "INC-7",
      };
      const taken = await intake.submitReport({ kind: "signal", record }, callOf("ann"));
      assert.ok(taken.ok);
    },
    sweep: async () => {
      await plane.sweep();
      await plane.engine.settle();
      await plane.engine.drain();
    },
    blockers: async (id) => {
      const findings = (await viewOf(id)).verdict?.findings ?? [];
      return findings
        .filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable")
        .map(({ outcome, code }) => `${outcome}: ${code}`);
    },
    stateOf: async (id) => (await viewOf(id)).record.state,
    actions: async () => {
      const { items } = await store.views.audit({ object: null, action: null, limit: 50, cursor: null });
      return items.map(({ action, object }) => `${action} ${object}`).toReversed();
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

test("a degraded service holds what needs it, names the event, and lets it go by itself after ten minutes of ok", async () => {
  await using bench = await openBench();
  const { plane } = bench;
  await bench.say("degraded");
  const held = await plane.request("s1");
  assert.deepEqual(await bench.blockers(held), ["hold: upstream-degraded"]);
  const finding = (await plane.store.views.deployment(held))?.verdict?.findings.find(
    ({ code }) => code === "upstream-degraded",
  );
  assert.match(finding?.sentence ?? "", /s0 is degraded since .* \(statuspage INC-7\)/);
  const free = await plane.request("s2");
  assert.deepEqual(await bench.blockers(free), [], "no path leads from s2 to s0");
  await plane.engine.settle();
  await plane.engine.drain();
  const clearedAt = plane.clock.now().add({ minutes: 5 });
  plane.clock.set(clearedAt);
  await bench.say("ok");
  await bench.sweep();
  assert.deepEqual(await bench.blockers(held), ["wait: upstream-recovering"]);
  plane.clock.set(clearedAt.add({ minutes: 9, seconds: 59 }));
  await bench.say("ok");
  await bench.sweep();
  assert.equal(await bench.stateOf(held), "waiting");
  plane.clock.set(clearedAt.add({ minutes: 10 }));
  await bench.sweep();
  assert.equal(await bench.stateOf(held), "succeeded");
  const reports = (await bench.actions()).filter((action) => action.startsWith("report.submit"));
  assert.equal(reports.length, 2, "both changes are on record, the repetition is not");
});

test("a signal that turns bad while work waits for another reason turns its verdict within one sweep", async () => {
  await using bench = await openBench();
  const { plane, intake } = bench;
  const stopped = await intake.stop({ reason: "Fire.", until: null, allowsRollBack: true }, callOf("ann"));
  assert.ok(stopped.ok);
  const id = await plane.request("s1");
  await bench.say("outage");
  await bench.sweep();
  const [first, ...more] = await bench.blockers(id);
  assert.match(first ?? "", /global-stop|stopped/);
  assert.deepEqual(more, ["hold: upstream-degraded"]);
});

test("after a stop nothing starts, and after the resume everything goes by itself", async () => {
  await using bench = await openBench();
  const { plane, intake } = bench;
  const stopped = await intake.stop(
    { reason: "Fire in a data centre.", until: null, allowsRollBack: true },
    callOf("ann"),
  );
  assert.ok(stopped.ok);
  const ids = [await plane.request("s1"), await plane.request("s2")];
  plane.clock.set(plane.clock.now().add({ hours: 30 }));
  await bench.sweep();
  for (const id of ids) assert.equal(await bench.stateOf(id), "waiting");
  const finding = (await plane.store.views.deployment(ids[0] ?? ids[1] ?? assert.fail()))?.verdict?.findings[0];
  assert.match(finding?.sentence ?? "", /Fire in a data centre/);
  const ended = await intake.resume({ id: stopped.value.stop.id, reason: "It is out." }, callOf("ann"));
  assert.ok(ended.ok);
  await bench.sweep();
  await bench.sweep();
  for (const id of ids) assert.equal(await bench.stateOf(id), "succeeded");
});

test("a run that stands still under a stop goes on when somebody resumes, long before its next look", async () => {
  await using bench = await openBench();
  const { plane, intake } = bench;
  const begun = plane.clock.now();
  // In force a moment after the run has begun: the stage before is watched for five seconds.
  const id = `stp_${"0".repeat(32)}`;
  const since = begun.add({ seconds: 2 });
  await plane.store.transact((records) =>
    records.stops.insert({ id, reason: "Fire.", by: "ann", since, until: null, allowsRollBack: true }),
  );
  const deployment = await plane.request("s2");
  await plane.engine.settle();
  const standing = (await plane.store.views.deployment(deployment))?.record;
  assert.deepEqual([standing?.state, standing?.percent], ["running", 5]);
  const ended = await intake.resume({ id, reason: "It is out." }, callOf("ann"));
  assert.ok(ended.ok);
  await plane.engine.settle();
  assert.equal(await bench.stateOf(deployment), "succeeded");
  assert.ok(plane.clock.now().since(begun).total("minutes") < 30);
});

test("a hold keeps what its scope matches, and lifting it lets that go", async () => {
  await using bench = await openBench();
  const { plane, intake } = bench;
  const input = {
    scope: { services: ["s1"] },
    reason: "The regulator is in house.",
    until: null,
    liftedBy: "operator",
  };
  const placed = await intake.placeHold(input, callOf("ann"));
  assert.ok(placed.ok);
  const [held, free] = [await plane.request("s1"), await plane.request("s2")];
  await bench.sweep();
  assert.deepEqual([await bench.stateOf(held), await bench.stateOf(free)], ["waiting", "succeeded"]);
  const lifted = await intake.liftHold({ id: placed.value.hold.id, reason: "They have left." }, callOf("ann"));
  assert.ok(lifted.ok);
  await bench.sweep();
  assert.equal(await bench.stateOf(held), "succeeded");
});
