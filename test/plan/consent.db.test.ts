import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import type { GivenAnswer, GivenDecision } from "#usecases/plan/step-operations.ts";
import { callOf, openPlans, planPeople, type PlanPlane } from "#test/plan/plane.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";

const back = "rollback: [{ name: look, timeout: PT1H, humanTask: { who: checkout, instruction: Look. } }]";
const runbook = (name: string, steps: string): string => `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: ${name} }
spec:
  owner: checkout
  within: P2D
  steps:
${steps}
  ${back}
---
`;
const cart =
  "    - { name: cart, after: [consent], timeout: PT4H, subRelease: { service: checkout-api, version: 1.0.0, environment: prod }, undo: { rollBack: { step: cart } } }";
const documents = [
  runbook(
    "ship",
    `    - { name: consent, timeout: PT8H, approve: { roles: [approver], approvals: 2, instruction: Look at it. } }\n${cart}`,
  ),
  runbook(
    "later",
    `    - { name: consent, timeout: PT8H, approve: { roles: [approver], instruction: Look at it. } }
    - { name: rest, after: [consent], soak: PT1H }
${cart.replace("[consent]", "[rest]").replace("1.0.0", "2.0.0")}`,
  ),
  runbook(
    "signed",
    `    - { name: consent, timeout: PT8H, approve: { roles: [approver], instruction: Look., signature: true } }
    - { name: sign, after: [consent], timeout: PT8H, humanTask: { who: compliance, instruction: Compare., signature: true, attachments: required } }`,
  ),
  runbook(
    "carried",
    `    - { name: sign, timeout: PT8H, humanTask: { who: alice, instruction: Compare. } }
    - { name: check, timeout: PT8H, preflight: { targets: [{ service: checkout-api, environment: prod }], who: bob, items: [{ name: backup, ask: Is there a backup? }] } }
    - { name: consent, timeout: PT8H, approve: { roles: [approver], instruction: Look at it. } }
    - { name: last, after: [consent], timeout: PT8H, humanTask: { who: approver, instruction: Switch it over. } }`,
  ),
].join("");
const strategy = `apiVersion: tidegate.dev/v1
kind: Strategy
metadata: { name: slowly }
spec: { scope: { environments: ["prod"] }, stages: [{ percent: 100, minSeconds: 60, maxSeconds: 600, minRequests: 0 }] }
`;

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

const contentOf = async ({ show }: PlanPlane, id: string): Promise<string> =>
  (await show(id)).steps.find(({ name }) => name === "consent")?.notes?.content ?? "";

/** Another strategy: other stages than those that people were shown. */
async function applySlowly({ store, clock }: PlanPlane): Promise<void> {
  const kept = shop.filter(({ kind }) => kind !== "ApprovalRoute");
  const all = [...kept, ...documentsOf(planPeople + documents + strategy)];
  await transaction(store.pool, (client) => applyDocuments(client, { documents: all, at: clock.now(), by: "olga" }));
}

const decide = async (plane: PlanPlane, id: string, person: string, more: Partial<GivenDecision> = {}) => {
  const contentDigest = await contentOf(plane, id);
  const decision = { decision: "approved", note: "I have looked.", contentDigest, ...more } as const;
  const input = { id, part: "forward", step: "consent", ...decision, signature: null } as const;
  const decided = await plane.plans.decideStep(input, callOf(person));
  return decided.ok ? "done" : decided.error;
};

test("Two others than who started it or brought it in let a run go on; nobody counts twice", () =>
  withPlane(async (plane) => {
    const { start, marks, show } = plane;
    const { run } = await start("ship");
    assert.equal(await decide(plane, run.id, "olga"), "own-request", "she started it, and brought it into force");
    assert.equal(await decide(plane, run.id, "carl"), "not-entitled");
    assert.equal(await decide(plane, run.id, "alice"), "done");
    assert.equal(await decide(plane, run.id, "alice"), "already-decided");
    assert.deepEqual(await marks(run.id), ["forward/consent running"]);
    assert.equal(await decide(plane, run.id, "bob"), "done");
    assert.deepEqual(await marks(run.id), ["forward/consent done", "forward/cart running"]);
    assert.equal((await show(run.id)).steps[0]?.outcome, "Approved by alice, bob.");
    assert.equal(await decide(plane, run.id, "carol"), "already-answered");
  }));

test("Whoever made what would be released does not consent to it, and whoever answers for the run neither", () =>
  withPlane(async (plane) => {
    const { transact, start, plans } = plane;
    const made = { service: "checkout-api", version: "2.0.0", digest: `sha256:${"b".repeat(64)}`, author: "alice" };
    await transact((records) => records.artifacts.register({ ...made, registeredAt: plane.clock.now() }));
    const { run } = await start("later");
    assert.equal(await decide(plane, run.id, "alice"), "own-work");
    assert.ok((await plans.handOverRun({ id: run.id, to: "bob", reason: "Shift." }, callOf("olga"))).ok);
    assert.equal(await decide(plane, run.id, "bob"), "own-request");
  }));

test("Whoever answered a step of a run does not approve it, and whoever approved it answers no step", () =>
  withPlane(async (plane) => {
    const { start, plans, marks, transact } = plane;
    const { run } = await start("carried");
    const { people } = await transact(async (records) => await records.catalog.inForce());
    const asked = async (name: string) => {
      const person = people.get(name);
      const tasks = person === undefined ? [] : (await plans.listTasks(person)).steps;
      return tasks.map(({ step, consent }) => `${step.name}${consent === null ? "" : " of consent"}`);
    };
    const answer = async (step: string, person: string, form: GivenAnswer["form"] = {}) => {
      const given = { outcome: "done", note: "So.", form, attachments: [], signature: null } as const;
      const sent = await plans.answerTask({ id: run.id, part: "forward", step, ...given }, callOf(person));
      return sent.ok ? "done" : sent.error.code;
    };
    assert.deepEqual(await asked("alice"), ["sign", "consent of consent"]);
    assert.deepEqual(await asked("bob"), ["check", "consent of consent"]);
    assert.deepEqual(await asked("olga"), [], "she started it");
    assert.equal(await answer("sign", "alice"), "done");
    assert.equal(await answer("check", "bob", { backup: true, "backup-evidence": "https://b.example/1" }), "done");
    assert.deepEqual([await asked("alice"), await asked("bob")], [[], []], "they carry it out");
    assert.equal(await decide(plane, run.id, "alice"), "own-answer");
    assert.equal(await decide(plane, run.id, "bob"), "own-answer", "its checklist too");
    assert.deepEqual(await asked("carol"), ["consent of consent"]);
    assert.equal(await decide(plane, run.id, "carol"), "done");
    assert.ok((await marks(run.id)).includes("forward/last running"));
    assert.deepEqual([await asked("carol"), await asked("alice")], [[], ["last"]]);
    assert.equal(await answer("last", "carol"), "own-consent");
    assert.equal(await answer("last", "alice"), "done");
  }));

test("Any change of what would run voids what was approved, before the decision and after it", () =>
  withPlane(async (plane) => {
    const { start, clock, show } = plane;
    const { run } = await start("ship");
    assert.equal(await decide(plane, run.id, "alice"), "done");
    const shown = await contentOf(plane, run.id);
    clock.advance(Temporal.Duration.from({ minutes: 1 }));
    await applySlowly(plane);
    assert.equal(await decide(plane, run.id, "bob", { contentDigest: shown }), "content-changed");
    assert.notEqual(await contentOf(plane, run.id), shown, "whoever looks again sees the new one");
    assert.equal(await decide(plane, run.id, "bob"), "done");
    assert.equal((await show(run.id)).steps.length, 1, "consent to the former content does not count");
    assert.equal(await decide(plane, run.id, "alice"), "done");
    assert.equal((await show(run.id)).steps[1]?.state, "running");
  }));

test("What was approved is compared once more when a step begins", () =>
  withPlane(async (plane) => {
    const { start, clock, show, look } = plane;
    const { run } = await start("later");
    assert.equal(await decide(plane, run.id, "alice"), "done");
    clock.advance(Temporal.Duration.from({ minutes: 30 }));
    await applySlowly(plane);
    clock.advance(Temporal.Duration.from({ minutes: 30 }));
    await look();
    const ended = await show(run.id);
    assert.equal(ended.steps.at(-1)?.name, "cart");
    assert.equal(ended.steps.at(-1)?.state, "refused");
    assert.match(ended.run.outcome ?? "", /^cart failed: What would run is no longer what was approved in consent\./);
  }));

test("A rejection ends it for good, and silence is no consent", () =>
  withPlane(async (plane) => {
    const { start, show, clock, look } = plane;
    const rejected = await start("ship");
    assert.equal(await decide(plane, rejected.run.id, "bob", { decision: "rejected", note: "Not like this." }), "done");
    const ended = await show(rejected.run.id);
    assert.equal(ended.run.outcome, "consent failed: bob rejected it: Not like this. Nothing had been changed.");
    const { run } = await start("ship");
    await decide(plane, run.id, "alice");
    clock.advance(Temporal.Duration.from({ hours: 8 }));
    await look();
    const late = await show(run.id);
    assert.deepEqual(
      [late.steps[0]?.state, late.steps[0]?.outcome],
      ["refused", "1 of 2 approvals were there in time."],
    );
  }));

const proof = { account: "alice@example.org", token: "tok_1" };

test("A signature is for one person, one step and one answer, and is used once", () =>
  withPlane(async (plane) => {
    const { start, plans, show, marks, store } = plane;
    const { run } = await start("signed");
    const contentDigest = await contentOf(plane, run.id);
    const place = { id: run.id, part: "forward", step: "consent" } as const;
    const decision: GivenDecision = { decision: "approved", note: "I have looked.", contentDigest };
    const sign = async (person: string, signs: GivenAnswer | GivenDecision, step = "consent") => {
      const given = await plans.signStep({ ...place, step, signs, proof }, callOf(person));
      return given.ok ? given.value.text : given.error;
    };
    const send = async (person: string, signature: string | null, more: Partial<GivenDecision> = {}) => {
      const sent = await plans.decideStep({ ...place, ...decision, ...more, signature }, callOf(person));
      return sent.ok ? "done" : sent.error;
    };
    assert.equal(await send("alice", null), "not-signed");
    const byBob = await sign("bob", decision);
    assert.equal(await send("alice", byBob), "not-signed", "somebody else's");
    const byAlice = await sign("alice", decision);
    assert.equal(await send("alice", byAlice, { note: "Another one." }), "not-signed", "of another answer");
    assert.equal(await send("alice", `${byAlice.slice(0, -1)}x`), "not-signed", "a guess");
    await store.pool.query(
      "update signature set expires_at = created_at + interval '1 microsecond' where person = 'alice'",
    );
    assert.equal(await send("alice", byAlice), "not-signed", "too old");
    assert.equal(await send("alice", await sign("alice", decision)), "done");
    assert.deepEqual(await marks(run.id), ["forward/consent done", "forward/sign running"]);
    assert.deepEqual(
      (await show(run.id)).kept.decisions.map(({ isSigned }) => isSigned),
      [true],
    );
    await assert.rejects(
      store.pool.query("update signature set used_at = null where used_at is not null"),
      /has been used/,
    );
    assert.equal(await sign("alice", decision), "already-answered");
  }));

test("A signed answer carries its files, under clean names and with their digests", () =>
  withPlane(async (plane) => {
    const { start, plans, show, store } = plane;
    const { run } = await start("signed");
    const approved = { decision: "approved", note: "So.", contentDigest: await contentOf(plane, run.id) } as const;
    const consent = { id: run.id, part: "forward", step: "consent" } as const;
    const given = await plans.signStep({ ...consent, signs: approved, proof }, callOf("alice"));
    assert.ok(given.ok);
    assert.ok((await plans.decideStep({ ...consent, ...approved, signature: given.value.text }, callOf("alice"))).ok);
    const place = { id: run.id, part: "forward", step: "sign" } as const;
    const answer: GivenAnswer = { outcome: "done", note: "They are equal.", form: {}, attachments: [] };
    const bare = await plans.answerTask({ ...place, ...answer }, callOf("carl"));
    assert.deepEqual(!bare.ok && bare.error, {
      code: "bad-answer",
      problems: ["The step asks for a file as evidence; there is none."],
    });
    const big = { name: "big.bin", content: Buffer.alloc(256 * 1024 + 3).toString("base64") };
    const tooBig = await plans.answerTask({ ...place, ...answer, attachments: [big] }, callOf("carl"));
    assert.equal(!tooBig.ok && tooBig.error.code, "bad-answer");
    const content = Buffer.from("account;cents\n1;1204\n").toString("base64");
    const withFile = { ...answer, attachments: [{ name: "../../balance.csv", content }] };
    const signed = await plans.signStep({ ...place, signs: withFile, proof }, callOf("carl"));
    assert.ok(signed.ok);
    const signature = signed.value.text;
    const other = { name: "balance.csv", content: Buffer.from("account;cents\n1;9999\n").toString("base64") };
    const swapped = await plans.answerTask({ ...place, ...withFile, attachments: [other], signature }, callOf("carl"));
    assert.deepEqual(!swapped.ok && swapped.error, { code: "not-signed" });
    const sent = await plans.answerTask({ ...place, ...withFile, signature }, callOf("carl"));
    assert.ok(sent.ok, JSON.stringify(sent));
    const [file] = (await show(run.id)).kept.files;
    assert.equal(file?.fileName, "balance.csv");
    const read = await plans.readFile(run.id, file.digest);
    assert.equal(Buffer.from(read?.content ?? []).toString("base64"), content);
    const audit = await store.pool.query<{ entry: string }>(
      "select entry::text from audit_entry where entry::text like '%task.answer%'",
    );
    assert.match(audit.rows[0]?.entry ?? "", /balance\.csv.*sig_[0-9a-f]{32}|sig_[0-9a-f]{32}.*balance\.csv/s);
    assert.equal((await show(run.id)).run.state, "succeeded");
  }));
