import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import { documentsOf } from "#test/support/configuration.ts";
import {
  callOf,
  codeOf,
  digest,
  morning,
  night,
  noon,
  open,
  openGates,
  redeemed,
  type GatePlane,
} from "#test/gates/plane.ts";

const freeze = documentsOf(`apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: month-end }
spec: { scope: { environments: ["prod"] }, strength: hard, zone: UTC, start: 2026-11-01T00:00, end: 2026-11-05T00:00, owner: checkout, reason: Books close. }`);

async function auditOf(plane: GatePlane, object: string): Promise<readonly string[]> {
  const { items } = await plane.store.views.audit({ object, action: null, limit: 50, cursor: null });
  return items.map(({ action, outcome }) => `${action} ${outcome}`).toReversed();
}

async function live(plane: GatePlane): Promise<string | null> {
  const found = await plane.transact((records) => records.inventory.current("checkout-api", "prod"));
  return found?.version ?? null;
}

test("an allowed gate gives a token that is redeemed once, and its result writes the inventory", async () => {
  await using plane = await openGates();
  const asked = await plane.ask();
  assert.equal(asked.view.verdict?.decision, "allow");
  assert.equal(asked.token?.expiresAt.toString(), noon.add({ minutes: 15 }).toString());
  const { view, lease, fence } = redeemed(await plane.redeem(asked));
  assert.equal(view.deployment.state, "running");
  assert.equal(view.deployment.fence, fence);
  const active = await plane.gates.checkLease(lease);
  assert.deepEqual([active?.service, active?.digest, active?.environment], ["checkout-api", digest, "prod"]);
  const result = { outcome: "succeeded", live: null } as const;
  const ended = await plane.gates.report({ id: view.gate.id, lease, result }, callOf("alice"));
  assert.equal(ended.ok && ended.value.deployment.state, "succeeded");
  assert.equal(await live(plane), "1.0.0");
  assert.equal(await plane.gates.checkLease(lease), null, "the credential ends with the run");
  const again = await plane.gates.report({ id: view.gate.id, lease, result }, callOf("alice"));
  assert.ok(again.ok, "the same result again changes nothing");
  const other = { outcome: "failed", live: null } as const;
  const refused = await plane.gates.report({ id: view.gate.id, lease, result: other }, callOf("alice"));
  assert.equal(!refused.ok && refused.error, "other-result");
  assert.deepEqual(await auditOf(plane, view.gate.id), ["gate.redeem started", "gate.end went-live"]);
});

test("a token is refused the second time, after 15 minutes, for another target, and when it is not the gate's", async () => {
  await using plane = await openGates();
  const asked = await plane.ask();
  const id = asked.view.gate.id;
  const target = { service: "checkout-api", digest, environment: "prod", action: "deploy" } as const;
  const token = asked.token?.text ?? "";
  const call = callOf("alice");
  const forged = `tgg_${id.slice(4)}_${"0".repeat(64)}`;
  assert.equal(codeOf(await plane.gates.redeem({ id, token: forged, ...target }, call)), "bad-token");
  assert.equal(codeOf(await plane.gates.redeem({ id, token: "", ...target }, call)), "bad-token");
  const elsewhere = { ...target, environment: "staging" };
  plane.clock.advance(Temporal.Duration.from({ minutes: 15 }));
  assert.equal(codeOf(await plane.gates.redeem({ id, token, ...target }, call)), "token-expired");
  const claimed = await plane.gates.claim(id, call);
  assert.ok(claimed.ok && claimed.value.token !== null);
  assert.equal(
    codeOf(await plane.gates.redeem({ id, token, ...target }, call)),
    "bad-token",
    "a newer one is in force",
  );
  const fresh = claimed.value.token.text;
  assert.equal(codeOf(await plane.gates.redeem({ id, token: fresh, ...elsewhere }, call)), "wrong-target");
  assert.equal(codeOf(await plane.gates.redeem({ id, token: fresh, ...target }, call)), "token-void");
  const last = await plane.gates.claim(id, call);
  assert.ok(last.ok && last.value.token !== null);
  redeemed(await plane.gates.redeem({ id, token: last.value.token.text, ...target }, call));
  assert.equal(codeOf(await plane.gates.redeem({ id, token: last.value.token.text, ...target }, call)), "token-used");
  const none = await plane.gates.claim(id, call);
  assert.equal(!none.ok && none.error, "token-used");
});

test("of twenty redemptions at the same time exactly one gets the lease", async () => {
  await using plane = await openGates();
  const asked = await plane.ask();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => plane.redeem(asked)));
  const codes = outcomes.map(codeOf).toSorted();
  assert.deepEqual(new Set(codes), new Set(["redeemed", "token-used"]));
  assert.equal(codes.filter((code) => code === "redeemed").length, 1);
});

test("outside the window a gate is parked without a token, and opens by itself when the window does", async () => {
  await using plane = await openGates();
  plane.clock.set(night);
  const asked = await plane.ask();
  assert.equal(asked.token, null);
  assert.equal(asked.view.deployment.state, "waiting");
  assert.equal(await plane.sweep(), 1, "once more behind its own commit");
  assert.equal(await plane.sweep(), 0, "nothing is due before the window opens");
  const early = await plane.gates.claim(asked.view.gate.id, callOf("alice"));
  assert.ok(early.ok && early.value.token === null);
  plane.clock.set(morning);
  assert.equal(await plane.sweep(), 1);
  const claimed = await plane.gates.claim(asked.view.gate.id, callOf("alice"));
  assert.ok(claimed.ok && claimed.value.token !== null);
  redeemed(await plane.redeem(claimed.value));
});

test("a denial ends the gate, unless the pipeline asks to be parked", async () => {
  const fourEyes = documentsOf(`apiVersion: tidegate.dev/v1
kind: ApprovalRoute
metadata: { name: four-eyes }
spec: { scope: { environments: ["prod"] }, approvals: 1, roles: [approver] }`);
  await using plane = await openGates({ documents: [...open, ...fourEyes] });
  const ended = await plane.ask({ externalRun: "gitlab:shop/2" });
  assert.equal(ended.view.verdict?.decision, "deny");
  assert.equal(ended.view.deployment.state, "rejected");
  const parked = await plane.ask({ externalRun: "gitlab:shop/3", whenDenied: "park" });
  assert.equal(parked.view.deployment.state, "waiting");
  assert.equal(await plane.turns.lapse(), 0);
});

test("a parked gate that is denied by now ends, and its pipeline is told why", async () => {
  await using plane = await openGates();
  plane.clock.set(night);
  const asked = await plane.ask();
  const fourEyes = documentsOf(`apiVersion: tidegate.dev/v1
kind: ApprovalRoute
metadata: { name: four-eyes }
spec: { scope: { environments: ["prod"] }, approvals: 1, roles: [approver] }`);
  await plane.apply([...open, ...fourEyes]);
  plane.clock.set(morning);
  await plane.sweep();
  assert.equal(await plane.turns.lapse(), 1);
  const ended = await plane.gates.show(asked.view.gate.id);
  assert.deepEqual([ended?.deployment.state, ended?.verdict?.decision], ["rejected", "deny"]);
});

test("a freeze that begins after the token was issued denies its redemption and parks the gate", async () => {
  await using plane = await openGates();
  const asked = await plane.ask();
  assert.ok(asked.token !== null);
  plane.clock.advance(Temporal.Duration.from({ seconds: 1 }));
  await plane.apply([...open, ...freeze]);
  const outcome = await plane.redeem(asked);
  assert.equal(codeOf(outcome), "not-allowed");
  assert.match(!outcome.ok && "reason" in outcome.error ? outcome.error.reason : "", /month-end/);
  const after = await plane.gates.show(asked.view.gate.id);
  assert.equal(after?.deployment.state, "waiting");
  assert.equal(after?.gate.token.void !== null, true);
  plane.clock.advance(Temporal.Duration.from({ seconds: 1 }));
  await plane.apply(open);
  plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
  await plane.sweep();
  const claimed = await plane.gates.claim(asked.view.gate.id, callOf("alice"));
  assert.ok(claimed.ok && claimed.value.token !== null);
  redeemed(await plane.redeem(claimed.value));
});

for (const [title, scope, from, code] of [
  ["voids the token, with the reason on record", 'environments: ["prod"]', null, "content-changed"],
  ["for another service leaves the token as it is", "services: [pricing-svc]", null, "redeemed"],
  ["for another environment leaves the token as it is", 'environments: ["test"]', null, "redeemed"],
  ["that comes into force later leaves the token as it is", "", "2026-11-03T00:00:00Z", "redeemed"],
] as const) {
  test(`a policy of another version ${title}`, async () => {
    await using plane = await openGates();
    const asked = await plane.ask();
    plane.clock.advance(Temporal.Duration.from({ seconds: 1 }));
    const policy = documentsOf(`apiVersion: tidegate.dev/v1
kind: Policy
metadata: { name: capacity }
spec: { scope: { ${scope} }, level: central, owner: checkout,${from === null ? "" : ` from: ${from},`} settings: { capacity: [{ resource: db, max: 5 }] } }`);
    await plane.apply([...open, ...policy]);
    assert.equal(codeOf(await plane.redeem(asked)), code);
    const record = await auditOf(plane, asked.view.gate.id);
    assert.equal(record.includes("gate.redeem content-changed"), code === "content-changed");
  });
}

test("the same question of the same run is one gate, another question under its key is refused", async () => {
  await using plane = await openGates();
  const [first, ...others] = await Promise.all(Array.from({ length: 6 }, () => plane.ask()));
  assert.ok(first);
  for (const { view } of others) assert.equal(view.gate.id, first.view.gate.id);
  const other = await plane.gates.ask({ ...askInput(), version: "1.1.0" }, callOf("alice"));
  assert.equal(!other.ok && other.error, "key-conflict");
  const foreign = await plane.gates.claim(first.view.gate.id, callOf("bob"));
  assert.equal(!foreign.ok && foreign.error, "not-your-gate");
});

function askInput() {
  return {
    service: "checkout-api",
    version: "1.0.0",
    digest: null,
    environment: "prod",
    class: "normal",
    action: "deploy",
    whenDenied: "end",
    externalRun: "jenkins:cart/42",
    externalUrl: null,
    key: null,
    callbackUrl: null,
    whenOver: "show",
  } as const;
}

test("a failure is harmless only when the former version is named as live; silence needs a person", async () => {
  for (const [result, state, recorded] of [
    [{ outcome: "failed", live: "1.0.0" }, "failed", "1.0.0"],
    [{ outcome: "failed", live: null }, "needs-human", "1.0.0"],
    [{ outcome: "failed", live: "1.1.0" }, "needs-human", "1.1.0"],
    [{ outcome: "succeeded", live: "1.0.0" }, "needs-human", "1.0.0"],
  ] as const) {
    await using plane = await openGates();
    const live0 = {
      service: "checkout-api",
      environment: "prod",
      version: "1.0.0",
      digest: `sha256:${"e".repeat(64)}`,
    };
    await plane.transact((records) => records.inventory.record({ ...live0, at: noon, deployment: null }));
    const { view, lease } = redeemed(await plane.redeem(await plane.ask({ version: "1.1.0" })));
    const ended = await plane.gates.report({ id: view.gate.id, lease, result }, callOf("alice"));
    assert.equal(ended.ok && ended.value.deployment.state, state, JSON.stringify(result));
    assert.equal(await live(plane), recorded);
  }
});

test("a run that never reports is lost sight of and frees the lock; an allowed gate that nobody claims ends", async () => {
  await using plane = await openGates();
  const { view } = redeemed(await plane.redeem(await plane.ask()));
  plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
  assert.equal(await plane.turns.lapse(), 1);
  const lost = await plane.gates.show(view.gate.id);
  assert.equal(lost?.deployment.state, "needs-human");
  const next = await plane.ask({ externalRun: "jenkins:cart/43" });
  assert.ok(next.token !== null, "the lock is free");
  plane.clock.advance(Temporal.Duration.from({ hours: 25 }));
  assert.equal(await plane.turns.lapse(), 1);
  assert.equal((await plane.gates.show(next.view.gate.id))?.deployment.state, "cancelled");
});

const went = { outcome: "succeeded", live: null } as const;

test("a result that comes after its lease has ended is recorded while nobody else has been there", async () => {
  await using plane = await openGates();
  const { view, lease } = redeemed(await plane.redeem(await plane.ask()));
  plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
  assert.equal(await plane.turns.lapse(), 1);
  const late = await plane.gates.report({ id: view.gate.id, lease, result: went }, callOf("alice"));
  assert.equal(late.ok && late.value.deployment.state, "needs-human", "a terminal state is final");
  assert.equal(await live(plane), "1.0.0");
});

for (const [title, isEnded] of [
  ["that has gone live", true],
  ["that is under way", false],
] as const) {
  test(`a late holder's result overwrites nothing of a newer run ${title}`, async () => {
    await using plane = await openGates();
    const old = redeemed(await plane.redeem(await plane.ask()));
    plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
    assert.equal(await plane.turns.lapse(), 1);
    const newer = redeemed(await plane.redeem(await plane.ask({ version: "1.1.0", externalRun: "jenkins:cart/43" })));
    const report = ({ view, lease }: typeof old) =>
      plane.gates.report({ id: view.gate.id, lease, result: went }, callOf("alice"));
    if (isEnded) assert.ok((await report(newer)).ok);
    assert.ok((await report(old)).ok, "what it says is kept");
    assert.equal(await live(plane), isEnded ? "1.1.0" : null);
    assert.equal((await auditOf(plane, old.view.gate.id)).at(-1), "gate.end overtaken");
    if (!isEnded) assert.ok((await report(newer)).ok);
    assert.equal(await live(plane), "1.1.0");
  });
}

test("a late holder's result overwrites nothing that somebody has recorded since", async () => {
  await using plane = await openGates();
  const { view, lease } = redeemed(await plane.redeem(await plane.ask()));
  plane.clock.advance(Temporal.Duration.from({ hours: 2 }));
  assert.equal(await plane.turns.lapse(), 1);
  plane.clock.advance(Temporal.Duration.from({ minutes: 5 }));
  const seen = { service: "checkout-api", environment: "prod", version: "0.9.0", digest: `sha256:${"e".repeat(64)}` };
  const at = plane.clock.now();
  await plane.transact((records) => records.inventory.record({ ...seen, at, deployment: null }));
  assert.ok((await plane.gates.report({ id: view.gate.id, lease, result: went }, callOf("alice"))).ok);
  assert.equal(await live(plane), "0.9.0");
});

test("nothing of a token or a lease can be read from the store", async () => {
  await using plane = await openGates();
  const asked = await plane.ask();
  const { lease } = redeemed(await plane.redeem(asked));
  const secrets = [asked.token?.text ?? "", lease].map((text) => text.slice(-64));
  const tables = ["gate", "deployment", "verdict", "audit_entry", "event", "idempotent_answer", "callback_delivery"];
  for (const table of tables) {
    const rows = await query(
      plane.store.pool,
      { ...sql`select 1`, text: `select to_jsonb(t)::text as text from ${table} t` },
      z.object({ text: z.string() }),
    );
    for (const { text } of rows) for (const secret of secrets) assert.ok(!text.includes(secret), table);
  }
});
