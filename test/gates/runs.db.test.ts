import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { systemClock } from "#runtime/clock.ts";
import { query, sql } from "#store/sql.ts";
import { z } from "zod";
import { documentsOf } from "#test/support/configuration.ts";
import { callOf, night, open, openGates, redeemed, type GatePlane } from "#test/gates/plane.ts";

/** Runs of pipelines that ask more than once: for two places, after a job was run again, and by messages that come back. */
const places = [
  ...open,
  ...documentsOf(`apiVersion: tidegate.dev/v1
kind: Environment
metadata: { name: prod-2 }
spec: { zone: Europe/Berlin, protected: true, windows: optional }`),
];

interface GitHub {
  readonly plane: GatePlane;
  /** Sends the event of a rule and handles it; how it was settled. */
  readonly send: (environment: string, more?: object) => Promise<string>;
}

async function gitHub(plane: GatePlane): Promise<GitHub> {
  const services = { "acme/checkout": "checkout-api" };
  const source = { name: "github", scheme: "github", account: "alice-bot", services, environments: {} } as const;
  const made = await plane.hooks.createHook(source, callOf("alice"));
  assert.ok(made.ok);
  const { secret } = made.value;
  let sent = 0;
  return {
    plane,
    send: async (environment, more = {}) => {
      sent += 1;
      const deployment = { id: sent, ref: "v1.0.0", sha: "a".repeat(40), payload: {}, created_at: now(), ...more };
      const callback = "https://api.github.com/repos/acme/checkout/actions/runs/7/deployment_protection_rule";
      const bytes = Buffer.from(
        JSON.stringify({
          action: "requested",
          environment,
          deployment_callback_url: callback,
          deployment,
          repository: { full_name: "acme/checkout" },
          installation: { id: 5 },
        }),
      );
      const headers = {
        "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`,
        "x-github-delivery": String(sent),
        "x-github-event": "deployment_protection_rule",
      };
      const answered = await plane.hooks.receive({ source: "github", headers, bytes });
      assert.ok(answered.ok && !answered.value.isRepeated);
      await plane.turns.handleHooks();
      const { items } = await plane.hooks.deliveries({ source: null, state: null, limit: 1, cursor: null });
      return `${items[0]?.state}: ${items[0]?.sentence}`;
    },
  };
}

function now(): string {
  return systemClock.now().toString();
}

async function gatesOf(plane: GatePlane): Promise<readonly string[]> {
  const { items } = await plane.gates.list({ state: null, environment: null, limit: 10, cursor: null });
  return items.map(({ deployment }) => `${deployment.subject.environment} ${deployment.state}`).toReversed();
}

/** What GitHub is to be told, in the order in which it was written. */
async function messagesOf(plane: GatePlane): Promise<readonly string[]> {
  const row = z.object({ type: z.string() });
  const written = sql`select body ->> 'type' as type from callback_delivery order by created_at`;
  return (await query(plane.store.pool, written, row)).map(({ type }) => type);
}

test("a run with two targets asks two gates", async () => {
  await using plane = await openGates({ documents: places });
  const { send } = await gitHub(plane);
  assert.match(await send("prod"), /^done: Asked; the verdict is allow\.$/);
  assert.match(await send("prod-2"), /^done/);
  assert.deepEqual(await gatesOf(plane), ["prod queued", "prod-2 queued"]);
  assert.deepEqual(await messagesOf(plane), ["gate.allowed", "gate.allowed"]);
});

test("a job that is run again asks anew when its gate is over, and goes on with one that is not", async () => {
  await using plane = await openGates({ documents: places });
  const { send } = await gitHub(plane);
  plane.clock.set(night);
  await send("prod");
  await send("prod");
  assert.deepEqual(await gatesOf(plane), ["prod waiting"], "one that waits goes on waiting");
  const { items } = await plane.gates.list({ state: null, environment: null, limit: 1, cursor: null });
  const [first] = items;
  assert.ok(first);
  assert.ok((await plane.gates.cancel({ id: first.gate.id, reason: "The run was cancelled." }, callOf("alice"))).ok);
  await send("prod");
  assert.deepEqual(await gatesOf(plane), ["prod cancelled", "prod waiting"]);
});

test("a job that is run again before its gate was used is answered again", async () => {
  await using plane = await openGates({ documents: places });
  const { send } = await gitHub(plane);
  await send("prod");
  await send("prod");
  assert.deepEqual(await gatesOf(plane), ["prod queued"]);
  assert.deepEqual(await messagesOf(plane), ["gate.allowed", "gate.allowed"]);
});

test("the job takes the token of the gate that its rule has asked for, by the name of the run", async () => {
  await using plane = await openGates({ documents: places });
  const { send } = await gitHub(plane);
  await send("prod");
  const asked = await plane.ask({ externalRun: "github:acme/checkout/7" });
  redeemed(await plane.redeem(asked));
  assert.deepEqual(await gatesOf(plane), ["prod running"]);
});

test("an event that somebody kept back for longer than GitHub delivers it again asks nothing", async () => {
  await using plane = await openGates({ documents: places });
  const { send } = await gitHub(plane);
  const old = systemClock.now().subtract({ hours: 73 }).toString();
  assert.match(await send("prod", { created_at: old }), /^failed: It asks of .*, more than 3 days before it came\.$/);
  assert.deepEqual(await gatesOf(plane), []);
});

test("what has failed may come in again with the same content under another number", async () => {
  await using plane = await openGates({ documents: places });
  const source = { name: "jenkins", scheme: "jenkins", account: "alice-bot", services: {}, environments: {} } as const;
  const made = await plane.hooks.createHook(source, callOf("alice"));
  assert.ok(made.ok);
  const question = { service: "checkout-api", version: "9.9.9", environment: "prod", run: "jenkins:cart/1" };
  const bytes = Buffer.from(JSON.stringify({ type: "gate.ask", data: question }));
  const send = async (delivery: string): Promise<boolean> => {
    const headers = { "x-tidegate-token": made.value.secret, "x-tidegate-delivery": delivery };
    const answered = await plane.hooks.receive({ source: "jenkins", headers, bytes });
    await plane.turns.handleHooks();
    return answered.ok && !answered.value.isRepeated;
  };
  assert.deepEqual([await send("1"), await send("2")], [true, true], "there is no such artifact yet");
  const artifact = { service: "checkout-api", version: "9.9.9", digest: `sha256:${"9".repeat(64)}`, author: null };
  await plane.transact((records) => records.artifacts.register({ ...artifact, registeredAt: plane.clock.now() }));
  assert.deepEqual([await send("3"), await send("4")], [true, false]);
  assert.deepEqual(await gatesOf(plane), ["prod queued"]);
});

test("of two gates of a run a result says which it means, and a cancellation ends both", async () => {
  await using plane = await openGates({ documents: places });
  for (const environment of ["prod", "prod-2"]) await plane.ask({ environment, key: null });
  const made = await plane.hooks.createHook(
    { name: "ci", scheme: "jenkins", account: "alice-bot", services: {}, environments: {} },
    callOf("alice"),
  );
  assert.ok(made.ok);
  const send = async (type: string, data: object): Promise<string> => {
    const bytes = Buffer.from(JSON.stringify({ type, data: { run: "jenkins:cart/42", ...data } }));
    const answered = await plane.hooks.receive({
      source: "ci",
      headers: { "x-tidegate-token": made.value.secret },
      bytes,
    });
    assert.ok(answered.ok);
    await plane.turns.handleHooks();
    const { items } = await plane.hooks.deliveries({ source: null, state: null, limit: 1, cursor: null });
    return `${items[0]?.state}: ${items[0]?.sentence}`;
  };
  const failed = { outcome: "failed" };
  assert.match(await send("gate.result", failed), /^failed: 2 gates of jenkins:cart\/42 are open: say service and env/);
  assert.deepEqual(await gatesOf(plane), ["prod queued", "prod-2 queued"]);
  assert.match(await send("gate.result", { ...failed, environment: "prod-2" }), /^done: the gate is cancelled/);
  assert.deepEqual(await gatesOf(plane), ["prod queued", "prod-2 cancelled"]);
  await plane.ask({ environment: "prod-2", whenOver: "ask-anew" });
  await send("gate.cancel", { reason: "Somebody stopped it." });
  assert.deepEqual(await gatesOf(plane), ["prod cancelled", "prod-2 cancelled", "prod-2 cancelled"]);
});
