import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DeploymentRecord } from "#usecases/records.ts";
import { digests, openPlane, openStore, organisationOf, type Plane } from "#test/main-job/bench.ts";
import { documentsOf } from "#test/support/configuration.ts";
import type { TestStore } from "#test/support/store.ts";

const startAt = Temporal.Instant.from("2026-11-02T12:00:00Z");
const environment = "prod";
const bad = { errorRate: 0.4, medianMs: 20 };

/** Point of no return of each service, and who decides; stages of 5, 50 and 100 %. */
const decision = "\n  decision: { decider: ann, within: PT10M, whenSilent: go-back }";
const plans = {
  s0: `{ percent: 50, why: The ledger has booked it. }${decision}`,
  s1: `{ percent: 50, why: The ledger has booked it. }${decision}`,
  s2: `{ percent: 100, why: The ledger has booked it. }${decision}`,
  s3: `{ percent: 50, why: The ledger has booked it., whenSilent: go-back }${decision}`,
  s4: "{ percent: 50, why: The ledger has booked it. }",
  s5: `{ percent: 50, why: The ledger has booked it. }${decision}`,
  s6: `{ percent: 100, why: The ledger has booked it. }${decision}`,
} as const;
type Service = keyof typeof plans;

let store: TestStore;
before(async () => {
  const texts = Object.entries(plans).map(
    ([service, rest]) =>
      `kind: Rollback\nmetadata: { name: ${service} }\nspec:\n  service: ${service}\n  triggers: [It fails.]\n  steps: [Traffic goes back.]\n  pointOfNoReturn: ${rest}`,
  );
  const count = Object.keys(plans).length;
  store = await openStore(count, startAt, [...organisationOf(count), ...documentsOf(texts.join("\n---\n"))]);
});
after(() => store[Symbol.asyncDispose]());

/** A run whose version fails from the stage with this share on, up to where it asks or ends. */
async function play(service: Service, badFrom: number) {
  const plane = openPlane(store, startAt, [service]);
  const { target } = plane;
  const { shift } = target;
  Object.assign(target, {
    shift: (wish: Parameters<typeof shift>[0], command: Parameters<typeof shift>[1]) => {
      if (wish.version === "1.1.0" && wish.percent >= badFrom) {
        target.setTraffic({ environment, service }, { versions: { "1.1.0": bad } });
      }
      return shift(wish, command);
    },
  });
  const id = await plane.request(service);
  await plane.engine.settle();
  return { plane, id };
}

const recordOf = async (id: DeploymentRecord["id"]): Promise<DeploymentRecord> => {
  const view = await store.views.deployment(id);
  assert.ok(view !== null);
  return view.record;
};
const linesOf = async (id: DeploymentRecord["id"]): Promise<string> =>
  ((await store.views.deployment(id))?.timeline ?? []).map(({ sentence }) => sentence).join("\n");
const shareOf = (plane: Plane, service: Service) =>
  plane.target.truth({ environment, service }).find(({ version }) => version === "1.1.0")?.percent;
const decisionsOf = (id: DeploymentRecord["id"]) => store.transact((records) => records.rollbackDecisions.of(id));
const wentBack = (plane: Plane) => plane.target.ledger.some(({ detail }) => detail.startsWith("1.1.0 0 %"));
const call = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "decide", key: null } as const;

test("Past the point of no return a breach holds the position, asks by name and clock, and goes forward by default", async () => {
  const { plane, id } = await play("s0", 50);
  const held = await recordOf(id);
  assert.equal(held.state, "running");
  assert.match(
    held.held ?? "",
    /Holds at 50 %: .*past the point of no return and does not go back by itself: The ledger/,
  );
  assert.match(held.held ?? "", /ann may let it go on or take it back; it goes on by itself at/);
  const [open] = await decisionsOf(id);
  assert.deepEqual(
    [open?.cause, open?.protocol.decider, open?.protocol.whenSilent, open?.ended],
    ["held", "ann", "go-on", null],
  );
  assert.deepEqual([shareOf(plane, "s0"), wentBack(plane)], [50, false]);
  await plane.engine.advanceTo(plane.clock.now().add({ minutes: 9 }));
  assert.equal(shareOf(plane, "s0"), 50, "a minute is left");
  await plane.engine.drain();
  const ended = await recordOf(id);
  assert.equal(ended.state, "succeeded");
  assert.match(
    ended.outcome ?? "",
    /is live in prod, verified .* past the point of no return and did not go back, so it is to be fixed forward: /,
  );
  assert.deepEqual([shareOf(plane, "s0"), wentBack(plane)], [100, false]);
  assert.deepEqual(
    (await decisionsOf(id)).map(({ ended: end }) => [end?.option, end?.by]),
    [
      ["go-on", null],
      ["go-on", null],
    ],
  );
  const said = await linesOf(id);
  assert.match(said, /Nobody decided in time: it goes on, as its protocol says/);
  const live = await store.transact((records) => records.inventory.current("s0", environment));
  assert.equal(live?.version, "1.1.0");
});

test("Whoever decides may go back all the same, and the record says that a person did", async () => {
  const { plane, id } = await play("s1", 50);
  assert.ok((await plane.decideHeld({ id, decision: "go-back", reason: "The lesser evil." }, call)).ok);
  await plane.engine.settle();
  const ended = await recordOf(id);
  assert.equal(ended.state, "aborted");
  assert.match(ended.outcome ?? "", /ann decided to go back\. s1@1\.0\.0 is verified live/);
  assert.equal(shareOf(plane, "s1") ?? 0, 0);
});

test("Before the point the way back is taken at once, and nobody is asked", async () => {
  const { plane, id } = await play("s2", 50);
  assert.equal((await recordOf(id)).state, "rolled-back");
  assert.deepEqual([await decisionsOf(id), shareOf(plane, "s2") ?? 0], [[], 0]);
});

test("A plan may say that silence goes back: it is asked first, and the default is on record", async () => {
  const { plane, id } = await play("s3", 50);
  assert.match((await recordOf(id)).held ?? "", /it goes back by itself at/);
  assert.equal(shareOf(plane, "s3"), 50);
  await plane.engine.drain();
  assert.equal((await recordOf(id)).state, "rolled-back");
  assert.deepEqual(
    (await decisionsOf(id)).map(({ ended }) => [ended?.option, ended?.by]),
    [["go-back", null]],
  );
});

test("Without a protocol whoever may decide is asked for half an hour, and then it goes forward", async () => {
  const { plane, id } = await play("s4", 100);
  assert.match(
    (await recordOf(id)).held ?? "",
    /Holds at 100 %: .*Somebody may let it go on or take it back; it goes on by itself/,
  );
  await plane.engine.drain();
  assert.deepEqual([(await recordOf(id)).state, shareOf(plane, "s4"), wentBack(plane)], ["succeeded", 100, false]);
});

test("A run that is lost past the point is not taken back before somebody was asked", async () => {
  const service = "s5";
  const { id } = await play(service, 50);
  const { fence } = await recordOf(id);
  // As if the run had been cancelled in the engine: it is gone, the deployment is not.
  const other = openPlane(store, startAt, [service]);
  const command = (key: string) => ({ key, fence: fence ?? 0 });
  const next = { environment, service, version: "1.1.0" };
  await other.target.startVersion({ ...next, digest: digests.next }, command("start"));
  await other.target.shift({ ...next, control: "1.0.0", percent: 50 }, command("shift"));
  assert.equal(await other.rescue(), 1);
  await other.engine.settle();
  assert.match((await recordOf(id)).held ?? "", /Its run ended without an outcome\. It is past the point of no return/);
  assert.equal(shareOf(other, service), 50);
  await other.engine.drain();
  const ended = await recordOf(id);
  assert.equal(ended.state, "needs-human", "it is not live, and it did not go back");
  assert.deepEqual([shareOf(other, service), wentBack(other)], [50, false]);
});

test("What the target does not show as live past the point is neither taken back nor called live", async () => {
  const { plane, id } = await (async () => {
    const opened = openPlane(store, startAt, ["s6"]);
    const { observe } = opened.target;
    let isWrong = false;
    Object.assign(opened.target, {
      observe: async (wish: Parameters<typeof observe>[0]) => {
        const seen = await observe(wish);
        const isLive =
          seen.ok && seen.value.versions.some(({ version, percent }) => version === "1.1.0" && percent === 100);
        isWrong ||= isLive;
        if (!seen.ok || !isWrong) return seen;
        const versions = seen.value.versions.map((each) => ({ ...each, digest: "sha256:other" }));
        return { ok: true, value: { ...seen.value, versions } };
      },
    });
    const asked = await opened.request("s6");
    await opened.engine.settle();
    return { plane: opened, id: asked };
  })();
  assert.match(
    (await recordOf(id)).held ?? "",
    /The target shows ready with 100 % for s6@1\.1\.0\. It is past the point/,
  );
  assert.ok((await plane.decideHeld({ id, decision: "go-on", reason: "It serves." }, call)).ok);
  await plane.engine.drain();
  assert.equal((await recordOf(id)).state, "needs-human");
  assert.deepEqual([shareOf(plane, "s6"), wentBack(plane)], [100, false]);
});
