import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployer, Reached } from "#connectors/port.ts";
import { err, ok } from "#core/result.ts";
import { finishLook, lookAtTargets, targetsToLookAt } from "#usecases/plan/look-at-targets.ts";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";
import { noon } from "#test/support/store.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: checked }
spec:
  owner: checkout
  within: P1D
  steps:
    - name: look
      timeout: PT1H
      preflight:
        targets: [{ service: checkout-api, environment: prod }]
        reports: [{ name: backup, service: checkout-api, environment: prod, source: nightly, within: P1D }]
    - { name: move, after: [look], timeout: PT1H, http: { url: "https://ops.example/move" }, irreversible: So. }
  rollback: [{ name: back, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: reaching }
spec:
  owner: checkout
  within: P1D
  steps:
    - { name: look, timeout: PT1H, preflight: { paths: [orders-db, ledger-db, mail, moon] } }
  rollback: [{ name: back, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
---
apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: seen }
spec:
  owner: checkout
  within: P1D
  steps:
    - { name: look, timeout: PT1H, preflight: { who: compliance, items: [{ name: desk, ask: The service desk knows. }] } }
  rollback: [{ name: back, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]
`;
const digest = `sha256:${"1".padEnd(64, "a")}`;

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

const open = { address: "orders-db:5432", reached: true, detail: "The connection was opened.", certificateUntil: null };
const observedAt = noon.toString();
const ways: Readonly<Record<string, Reached>> = {
  "orders-db": { ...open, certificateUntil: noon.add({ hours: 24 * 90 }).toString(), observedAt },
  "ledger-db": {
    ...open,
    address: "ledger-db:5432",
    reached: false,
    detail: "The connection was refused.",
    observedAt,
  },
  mail: { ...open, address: "mail:465", certificateUntil: noon.add({ hours: 24 * 3 }).toString(), observedAt },
};

/** A target that shows one version, or does not answer. */
function deployer(version: string | null): Deployer {
  const refuse = () => Promise.reject(new Error("a checklist changes nothing"));
  return {
    id: "fake",
    observe: () =>
      Promise.resolve(
        version === null
          ? err({ code: "unreachable", message: "connection refused", retry: "later" })
          : ok({ observedAt: "", versions: [{ version, digest, state: "ready", percent: 100 }] }),
      ),
    smoke: () => Promise.resolve(ok([{ name: "live", passed: true, detail: "200" }])),
    startVersion: refuse,
    shift: refuse,
    stopVersion: refuse,
    proveControls: refuse,
    reach: (path) => {
      const way = ways[path];
      return Promise.resolve(
        way === undefined ? err({ code: "unknown-path", message: "there is no such path", retry: "never" }) : ok(way),
      );
    },
    traffic: refuse,
  };
}

/** What the durable run of the step does. */
async function lookOut({ transact, deps }: PlanPlane, run: string, shown: string | null): Promise<string> {
  const id = { run, part: "forward", name: "look" } as const;
  const targets = await transact((records) => targetsToLookAt(records, id));
  const seen = targets === null ? [] : await lookAtTargets({ deployer: deployer(shown), now: deps.now }, targets);
  return await transact((records) => finishLook(deps, records, id, seen));
}

async function prepare({ transact, clock, store }: PlanPlane): Promise<void> {
  const at = clock.now();
  await store.pool.query(
    "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', 'https://ops.example/', 'whsec_x', 'olga', now())",
  );
  await transact(async (records) => {
    const place = { service: "checkout-api", environment: "prod" };
    await records.inventory.record({ ...place, version: "1.0.0", digest, at, deployment: null });
    const record = { ...place, status: "ok", source: "nightly", at: at.subtract({ hours: 3 }), ref: null } as const;
    await records.reports.insert({
      id: `rpt_${"a".repeat(32)}`,
      report: { kind: "signal", record },
      receivedAt: at,
      by: "olga",
      account: "olga-bot",
    });
  });
}

test("What is green goes on, with every finding, its evidence and its age on the run", () =>
  withPlane(async (plane) => {
    await prepare(plane);
    const { start, calls, marks, show } = plane;
    const { run } = await start("checked");
    assert.deepEqual(await marks(run.id), ["forward/look running"]);
    assert.equal(calls.length, 1, "somebody looks");
    assert.equal(await lookOut(plane, run.id, "1.0.0"), "done");
    assert.deepEqual(await marks(run.id), ["forward/look done", "forward/move running"]);
    const [look] = (await show(run.id)).steps;
    assert.equal(look?.outcome, "All 4 checks are green.");
    assert.deepEqual(
      look.notes?.checks?.map(({ check, outcome }) => `${check} ${outcome}`),
      ["connectivity pass", "health pass", "drift pass", "report pass"],
    );
    assert.ok(look.notes.checks.every(({ at }) => at !== null));
    assert.equal(await lookOut(plane, run.id, "1.0.0"), "late", "an end is final");
  }));

for (const [title, shown, reason] of [
  ["runs what is not on record", "0.9.0", /0\.9\.0 runs there; on record is 1\.0\.0/],
  ["does not answer", null, /did not answer: connection refused/],
] as const) {
  test(`A target that ${title} lets nothing be touched`, () =>
    withPlane(async (plane) => {
      await prepare(plane);
      const { run } = await plane.start("checked");
      assert.equal(await lookOut(plane, run.id, shown), "refused");
      const ended = await plane.show(run.id);
      assert.equal(ended.run.state, "failed");
      assert.match(ended.run.outcome ?? "", reason);
      assert.match(ended.run.outcome ?? "", /Nothing had been changed\.$/);
      assert.equal(plane.calls.length, 1, "the step behind it never began");
    }));
}

test("A report that is missing is unknown, and unknown is no go; what nobody looked at neither", () =>
  withPlane(async (plane) => {
    const { run } = await plane.start("checked");
    assert.equal(await lookOut(plane, run.id, "1.0.0"), "refused");
    assert.match((await plane.show(run.id)).run.outcome ?? "", /nightly has never reported it\./);
    const other = await plane.start("checked");
    plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
    await plane.look();
    assert.match((await plane.show(other.run.id)).run.outcome ?? "", /could not be looked at in time/);
  }));

test("A path that is closed from where the plan acts is red by its name, like a certificate that ends soon", () =>
  withPlane(async (plane) => {
    const { run } = await plane.start("reaching");
    assert.equal(await lookOut(plane, run.id, "1.0.0"), "refused");
    const [look] = (await plane.show(run.id)).steps;
    assert.deepEqual(
      look?.notes?.checks?.map(({ check, subject, outcome }) => `${subject} ${check} ${outcome}`),
      [
        "orders-db (orders-db:5432) connectivity pass",
        "orders-db (orders-db:5432) certificate pass",
        "ledger-db (ledger-db:5432) connectivity fail",
        "mail (mail:465) connectivity pass",
        "mail (mail:465) certificate fail",
        "moon connectivity unknown",
      ],
    );
    assert.match(
      look.outcome ?? "",
      /ledger-db \(ledger-db:5432\): From where the plan acts: The connection was refused\./,
    );
  }));

test("A person answers for the items with evidence; what is not so is red, and so is silence", () =>
  withPlane(async (plane) => {
    const { start, plans, calls, show, clock, look } = plane;
    const answer = async (id: string, desk: boolean) => {
      const form = { desk, "desk-evidence": "https://desk.example/1" };
      const given = { id, part: "forward", step: "look", outcome: "done", note: "I have asked.", form } as const;
      return await plans.answerTask(given, callOf("carl"));
    };
    const { run } = await start("seen");
    assert.equal(calls.length, 0, "first the person");
    const bare = {
      id: run.id,
      part: "forward",
      step: "look",
      outcome: "done",
      note: "So.",
      form: { desk: true },
    } as const;
    const refused = await plans.answerTask(bare, callOf("carl"));
    assert.equal(!refused.ok && refused.error.code, "bad-answer", "evidence is missing");
    assert.ok((await answer(run.id, true)).ok);
    assert.equal(calls.length, 1);
    const twice = await answer(run.id, true);
    assert.equal(!twice.ok && twice.error.code, "already-answered");
    assert.equal(await lookOut(plane, run.id, null), "done");
    const ended = await show(run.id);
    assert.deepEqual([ended.run.state, ended.steps[0]?.answer?.by], ["succeeded", "carl"]);
    assert.match(ended.steps[0]?.notes?.checks?.[0]?.sentence ?? "", /carl has seen it: https:\/\/desk\.example\/1/);
    const red = await start("seen");
    await answer(red.run.id, false);
    assert.equal(await lookOut(plane, red.run.id, null), "refused");
    const late = await start("seen");
    clock.advance(Temporal.Duration.from({ hours: 1 }));
    await look();
    assert.match((await show(late.run.id)).run.outcome ?? "", /compliance did not answer the checklist in time/);
  }));
