import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { systemClock } from "#runtime/clock.ts";
import { newId } from "#runtime/ids.ts";
import { signStandard } from "#runtime/webhook-signature.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { execute, sql } from "#store/sql.ts";
import { makeFindViolations } from "#usecases/release/find-violations.ts";
import {
  callOf,
  digest,
  morning,
  night,
  noon,
  open,
  openGates,
  redeemed,
  shows,
  type GatePlane,
} from "#test/gates/plane.ts";

interface Received {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on loopback that answers with what the test sets. */
async function receiver(answers: readonly number[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      response.statusCode = answers[Math.min(received.length, answers.length - 1)] ?? 200;
      received.push({ url: request.url, headers: request.headers, body });
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    received,
    place: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hooks`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function callbackTo(plane: GatePlane, url: string): Promise<string> {
  const created = await plane.hooks.createCallback({ name: "jenkins", url }, callOf("olga", "olga"));
  if (!created.ok) throw new Error(created.error.code);
  return created.value.secret;
}

/** Back-off is on the clock of the database; the test lets it pass. */
async function letRetry(plane: GatePlane): Promise<void> {
  await execute(plane.store.pool, sql`update callback_delivery set next_at = now() where next_at is not null`);
}

test("a parked gate that opens calls back, signed, again after a failure, and under the same id", async () => {
  await using place = await receiver([503, 200]);
  await using plane = await openGates({ callbackAllow: [place.place] });
  const secret = await callbackTo(plane, place.url);
  plane.clock.set(night);
  const asked = await plane.ask({ callbackUrl: `${place.url}/build/42` });
  assert.equal(await plane.turns.deliver(), 0);
  plane.clock.set(morning);
  await plane.sweep();
  assert.equal(await plane.turns.deliver(), 1);
  assert.equal(await plane.turns.deliver(), 0, "the next attempt comes later");
  await letRetry(plane);
  assert.equal(await plane.turns.deliver(), 1);
  await letRetry(plane);
  assert.equal(await plane.turns.deliver(), 0, "what was taken is not sent again");
  const [first, second] = place.received;
  assert.equal(first?.headers["webhook-id"], second?.headers["webhook-id"]);
  assert.equal(first?.body, second?.body);
  for (const { headers, body } of place.received) {
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    new Webhook(secret).verify(body, plain);
    const message = JSON.parse(body);
    assert.deepEqual([message.type, message.data.gate], ["gate.allowed", asked.view.gate.id]);
  }
});

test("a run that asks again at another address is called back there, and never at one that is not registered", async () => {
  await using place = await receiver([200]);
  await using plane = await openGates({ callbackAllow: [place.place] });
  await callbackTo(plane, place.url);
  plane.clock.set(night);
  const asked = await plane.ask();
  const { id } = asked.view.gate;
  const again = async (callbackUrl: string | null) => (await plane.ask({ callbackUrl })).view.gate;
  assert.equal((await again(`${place.url}/build/1`)).id, id);
  await again(`${place.url}/build/2`);
  assert.equal((await again(null)).callback?.url, `${place.url}/build/2`, "a question without an address leaves it");
  await assert.rejects(again("https://evil.example/"), /no-such-callback/);
  plane.clock.set(morning);
  await plane.sweep();
  assert.equal(await plane.turns.deliver(), 1);
  const [call] = place.received;
  assert.deepEqual([place.received.length, call?.url], [1, "/hooks/build/2"]);
});

const monthEnd = documentsOf(`apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: month-end }
spec: { scope: { environments: ["prod"] }, strength: hard, zone: UTC, start: 2026-11-03T07:30, end: 2026-11-03T16:00, owner: checkout, reason: Books close. }`);

test("a yes that comes late says until when it holds, by the time at which it is sent", async () => {
  await using place = await receiver([503, 200]);
  await using plane = await openGates({ callbackAllow: [place.place] });
  await callbackTo(plane, place.url);
  plane.clock.set(night);
  await plane.ask({ callbackUrl: place.url });
  plane.clock.set(morning);
  await plane.sweep();
  await plane.turns.deliver();
  plane.clock.set(morning.add({ hours: 2 }));
  await letRetry(plane);
  await plane.turns.deliver();
  assert.deepEqual(
    place.received.map(({ body }) => JSON.parse(body).data.expiresAt),
    [morning.add({ minutes: 15 }).toString(), morning.add({ hours: 2, minutes: 15 }).toString()],
  );
});

test("a yes that is none any more is not sent: the gate is parked, and its caller is told when it opens again", async () => {
  await using place = await receiver([503, 200]);
  await using plane = await openGates({ callbackAllow: [place.place] });
  await callbackTo(plane, place.url);
  plane.clock.set(night);
  const asked = await plane.ask({ callbackUrl: place.url, whenDenied: "park" });
  plane.clock.set(morning);
  await plane.sweep();
  assert.equal(await plane.turns.deliver(), 1);
  plane.clock.set(morning.add({ minutes: 10 }));
  await plane.apply([...open, ...monthEnd]);
  plane.clock.set(morning.add({ minutes: 40 }));
  await letRetry(plane);
  await plane.turns.deliver();
  const types = () => place.received.map(({ body }) => JSON.parse(body).type);
  assert.deepEqual(types(), ["gate.allowed"], "only the attempt that failed");
  assert.equal((await plane.gates.show(asked.view.gate.id))?.deployment.state, "waiting");
  await plane.turns.deliver();
  assert.deepEqual(types(), ["gate.allowed", "gate.parked"]);
  const [state] = await plane.hooks.listCallbacks();
  assert.deepEqual([state?.givenUp, state?.lastFailure], [0, null], "nothing went wrong");
  plane.clock.set(Temporal.Instant.from("2026-11-03T16:00:00Z"));
  await plane.sweep();
  await plane.turns.deliver();
  assert.deepEqual(types(), ["gate.allowed", "gate.parked", "gate.allowed"]);
});

test("a receiver on a private address is not called unless the operator allows it, and is given up in the end", async () => {
  await using place = await receiver([200]);
  await using plane = await openGates();
  await callbackTo(plane, place.url);
  plane.clock.set(night);
  await plane.ask({ callbackUrl: place.url });
  plane.clock.set(morning);
  await plane.sweep();
  for (let attempt = 0; attempt < 12; attempt++) {
    await plane.turns.deliver();
    await letRetry(plane);
  }
  assert.equal(place.received.length, 0);
  const [state] = await plane.hooks.listCallbacks();
  assert.equal(state?.givenUp, 1);
  assert.match(state.lastFailure ?? "", /TIDEGATE_CALLBACK_ALLOW/);
});

test("a gate calls back at or below a registered address only", async () => {
  await using plane = await openGates();
  await callbackTo(plane, "https://ci.example.org/hooks");
  for (const [callbackUrl, isKnown] of [
    ["https://ci.example.org/hooks", true],
    ["https://ci.example.org/hooks/build/7?x=1", true],
    ["https://ci.example.org/hooksy", false],
    ["https://ci.example.org/hooks/../admin", false],
    ["https://ci.example.org/hooks/%2e%2e/admin", false],
    ["http://ci.example.org/hooks", false],
    ["https://ci.example.org:444/hooks", false],
    ["https://user@ci.example.org/hooks", false],
    ["https://ci.example.org.evil.example/hooks", false],
  ] as const) {
    const known = await plane.transact((records) => records.gates.endpointFor(callbackUrl));
    assert.equal(known !== null, isKnown, callbackUrl);
  }
  const asked = await plane.gates.ask({ ...questionOf(), callbackUrl: "https://evil.example/" }, callOf("alice"));
  assert.equal(!asked.ok && asked.error, "no-such-callback");
});

function questionOf() {
  const names = { service: "checkout-api", version: "1.0.0", digest: null, environment: "prod" };
  const what = { class: "normal", action: "deploy", whenDenied: "end", whenOver: "show" } as const;
  return { ...names, ...what, externalRun: null, externalUrl: null, key: null };
}

const rule = (environment = "prod", callback = "https://api.github.com/repos/acme/checkout/actions/runs/7") => ({
  action: "requested",
  environment,
  event: "push",
  deployment_callback_url: `${callback}/deployment_protection_rule`,
  deployment: { ref: "refs/tags/v1.0.0", sha: "a".repeat(40), payload: {}, created_at: systemClock.now().toString() },
  repository: { full_name: "acme/checkout" },
  installation: { id: 5 },
});

test("a deployment protection rule parks a gate; a forged, a repeated and a foreign one do not", async () => {
  await using plane = await openGates();
  plane.clock.set(night);
  const services = { "acme/checkout": "checkout-api" };
  const source = { name: "github", scheme: "github", account: "alice-bot", services, environments: {} } as const;
  const foreign = await plane.hooks.createHook(source, callOf("olga", "olga"));
  assert.equal(!foreign.ok && foreign.error, "not-your-account");
  const made = await plane.hooks.createHook(source, callOf("alice"));
  assert.ok(made.ok);
  const { secret } = made.value;
  const send = (delivery: string, body: object, key = secret) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const signature = `sha256=${createHmac("sha256", key).update(bytes).digest("hex")}`;
    const event = "deployment_protection_rule";
    const headers = { "x-hub-signature-256": signature, "x-github-delivery": delivery, "x-github-event": event };
    return plane.hooks.receive({ source: "github", headers, bytes });
  };
  const forged = await send("1", rule(), "0".repeat(64));
  assert.equal(!forged.ok && forged.error, "bad-signature");
  const body = rule();
  const [first, second] = [await send("1", body), await send("1", body)];
  assert.deepEqual([first.ok && first.value.isRepeated, second.ok && second.value.isRepeated], [false, true]);
  const replayed = await send("77", body);
  assert.equal(replayed.ok && replayed.value.isRepeated, true, "the number is not signed, the content is");
  await send("2", { ...rule(), event: "workflow_dispatch" });
  await send("3", rule("prod", "https://api.github.com/repos/evil/other/actions/runs/7"));
  await plane.turns.handleHooks();
  const { items } = await plane.hooks.deliveries({ source: null, state: null, limit: 10, cursor: null });
  assert.deepEqual(items.map(({ state }) => state).toReversed(), ["done", "done", "failed"]);
  const gates = await plane.gates.list({ state: null, environment: null, limit: 10, cursor: null });
  assert.equal(gates.items.length, 1);
  assert.equal(gates.items[0]?.gate.externalRun, "github:acme/checkout/7");
  assert.equal(gates.items[0]?.gate.callback?.kind, "github");
});

test("after a rotation the secret before is accepted for an hour, and a stale message never", async () => {
  await using plane = await openGates();
  const source = { name: "ci", scheme: "standard", account: "alice-bot", services: {}, environments: {} } as const;
  const made = await plane.hooks.createHook(source, callOf("alice"));
  const rotated = await plane.hooks.rotateHook("ci", callOf("alice"));
  assert.ok(made.ok && rotated.ok);
  const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  const send = async (id: string, secret: string, at = nowSeconds): Promise<string> => {
    const body = JSON.stringify({ type: "gate.cancel", data: { run: "x", reason: "y" } });
    const headers = signStandard({ id, body, secret }, at);
    const answer = await plane.hooks.receive({ source: "ci", headers, bytes: Buffer.from(body) });
    return answer.ok ? "accepted" : answer.error;
  };
  assert.equal(await send("1", made.value.secret), "accepted");
  assert.equal(await send("2", rotated.value.secret), "accepted");
  assert.equal(await send("3", rotated.value.secret, nowSeconds - 400), "stale");
  plane.clock.advance(Temporal.Duration.from({ hours: 1 }));
  assert.equal(await send("4", made.value.secret), "bad-signature");
  assert.equal(await send("5", rotated.value.secret), "accepted");
});

test("what is live without a deployment or a gate is a violation until it is as recorded again", async () => {
  await using plane = await openGates();
  const { lease, view } = redeemed(await plane.redeem(await plane.ask()));
  const result = { outcome: "succeeded", live: null } as const;
  let seen: readonly { version: string; digest: string; percent: number }[] | null = [
    { version: "6.6.6", digest, percent: 100 },
  ];
  const look = makeFindViolations({
    now: plane.clock.now,
    transact: plane.transact,
    deployer: { observe: shows(() => seen) },
    recorded: async () => [{ service: "checkout-api", environment: "prod" }],
    newViolationId: () => newId("violation"),
  });
  assert.equal(await look(), 0, "while work is under way nothing is proven");
  assert.ok((await plane.gates.report({ id: view.gate.id, lease, result }, callOf("alice"))).ok);
  assert.equal(await look(), 1);
  assert.equal(await look(), 0, "the same is one violation");
  seen = null;
  assert.equal(await look(), 0);
  const list = (state: "open" | "all") => plane.gates.listViolations({ state, limit: 10, cursor: null });
  const [found] = (await list("open")).items;
  assert.deepEqual([found?.seen.version, found?.recorded.version], ["6.6.6", "1.0.0"]);
  seen = [{ version: "1.0.0", digest, percent: 100 }];
  plane.clock.set(noon.add({ minutes: 1 }));
  assert.equal(await look(), 0);
  assert.deepEqual((await list("open")).items, []);
  assert.equal((await list("all")).items.length, 1);
});
