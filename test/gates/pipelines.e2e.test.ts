import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { answerOf, recorded } from "#test/support/deployments.ts";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";

/*
 * Pipelines as they call the product: the command line against real processes, on a clock that only moves forward.
 * Production is open from Monday to Thursday, 09:00 to 16:00 in Berlin.
 */
const sunday = "2027-03-07T11:00:00Z";
const monday = "2027-03-08T09:00:00Z";

let on: Installation;
before(async () => {
  on = await startInstallation({
    ordersPerSecond: 0,
    services: ["email", "ad", "recommendation", "productcatalog", "shipping"],
  });
});
after(async () => {
  await on[Symbol.asyncDispose]();
});

const shown = z.looseObject({
  id: z.string(),
  state: z.string(),
  reason: z.string(),
  link: z.string(),
  opensAt: z.string().nullable(),
  digest: z.string(),
});

function gateOf(stdout: string): z.infer<typeof shown> {
  return shown.parse(JSON.parse(stdout));
}

const to = ["--to", environment] as const;

test("A stage outside the window is parked without a runner, survives a restart of the server, and goes at the opening", async () => {
  await on.setClock(sunday);
  const run = ["--run", "jenkins:email/42"] as const;
  const parked = await on.tidegate("chen", "gate", "email@1.1.0", ...to, ...run, "-o", "json");
  assert.equal(parked.code, 5, parked.stderr);
  const { id, opensAt } = gateOf(parked.stdout);
  assert.equal(opensAt, "2027-03-08T08:00:00Z");
  const tokenFile = join(on.folder, "token");
  const waiting = on.tidegate("chen", "gate", "--resume", id, "--wait", "--token-file", tokenFile, "-o", "json");
  await on.kill("api");
  await on.kill("worker");
  await Promise.all([on.restart("api"), on.restart("worker")]);
  await on.setClock(monday);
  const resumed = await waiting;
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, new RegExp(`${id}: allowed\\.`, "u"), "the same gate, through the restart");
  assert.ok(!resumed.stdout.includes("tgg_") && !resumed.stderr.includes("tgg_"), "no log shows the token");
  assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
  const leaseFile = join(on.folder, "lease");
  const redeemed = await on.tidegate("chen", "redeem", id, "--token-file", tokenFile, "--lease-file", leaseFile);
  assert.equal(redeemed.code, 0, redeemed.stderr);
  const lease = readFileSync(leaseFile, "utf8").trim();
  assert.equal(answerOf(await on.as("chen").checkLease({ body: { lease } })).active, true);
  const twice = await on.tidegate("chen", "redeem", id, "--token-file", tokenFile);
  assert.equal(twice.code, 3, "a token is used once");
  assert.match(twice.stderr, /used/);
  const ended = await on.tidegate("chen", "result", id, "succeeded", "--lease-file", leaseFile);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(await recorded(on, "email"), "1.1.0");
});

test("A job that is denied fails with the reason and the page that says who can change it", async () => {
  const denied = await on.tidegate("chen", "gate", "checkout@1.1.0", ...to, "--run", "gitlab:shop/7", "-o", "json");
  assert.equal(denied.code, 3, denied.stderr);
  const { state, reason, link, id } = gateOf(denied.stdout);
  assert.equal(state, "denied");
  assert.match(reason, /approv/i);
  assert.match(link, /\/deployments\/dep_/);
  assert.ok(denied.stderr.includes(link));
  assert.equal((await on.tidegate("chen", "gate", "--resume", id)).code, 3);
});

test("A job that skips the gate has no credential, and neither has one whose token is made up", async () => {
  const made = `tgl_${"0".repeat(32)}_${"0".repeat(64)}`;
  for (const lease of [made, "", "x"].filter((text) => text !== "")) {
    assert.equal(answerOf(await on.as("chen").checkLease({ body: { lease } })).active, false);
  }
  const asked = await on.tidegate("chen", "gate", "ad@1.1.0", ...to, "--run", "jenkins:ad/1", "-o", "json");
  assert.equal(asked.code, 0, asked.stderr);
  const { id, digest } = gateOf(asked.stdout);
  const body = { token: `tgg_${id.slice(4)}_${"0".repeat(64)}`, service: "ad", environment, digest };
  const redeemed = await on.as("chen").redeemGate({ params: { id }, body });
  assert.equal(!redeemed.ok && redeemed.problem.code, "wrong-gate-token");
});

test("A freeze that is acknowledged after the token was issued denies its redemption", async () => {
  const tokenFile = join(on.folder, "recommendation-token");
  const run = ["--run", "jenkins:recommendation/1", "--token-file", tokenFile] as const;
  const asked = await on.tidegate("chen", "gate", "recommendation@1.1.0", ...to, ...run, "-o", "json");
  assert.equal(asked.code, 0, asked.stderr);
  await on.apply(`apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: incident }
spec:
  scope: { environments: [${environment}] }
  strength: hard
  zone: UTC
  start: 2027-03-08T00:00
  end: 2027-03-09T00:00
  owner: release-manager
  reason: The test says so.
`);
  const redeemed = await on.tidegate("chen", "redeem", gateOf(asked.stdout).id, "--token-file", tokenFile);
  assert.equal(redeemed.code, 3, redeemed.stderr);
  assert.match(redeemed.stderr, /incident/);
  await on.apply("");
});

test("The same webhook ten times at once has one effect, and one with a foreign signature none", async () => {
  const made = answerOf(
    await on.as("hana").createHook({ body: { name: "plain", scheme: "standard", account: "hana" } }),
  );
  const send = (id: string, secret: string, data: object, type = "gate.ask"): Promise<Response> => {
    const body = JSON.stringify({ type, timestamp: "2027-03-08T09:00:00Z", data });
    // The time of a message is that of the world, whatever the domain clock shows.
    const timestamp = String(Math.floor((performance.timeOrigin + performance.now()) / 1000));
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    return fetch(`${on.url}/v1/hooks/plain`, { method: "POST", body, headers });
  };
  const run = "generic:shipping/1";
  const question = { service: "shipping", version: "1.1.0", environment, run, whenDenied: "park" };
  const answers = await Promise.all(Array.from({ length: 10 }, () => send("msg_1", made.secret, question)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  const forged = await send("msg_2", `whsec_${Buffer.alloc(32).toString("base64")}`, question);
  assert.equal(forged.status, 401);
  assert.equal((await fetch(`${on.url}/v1/hooks/nobody`, { method: "POST", body: "{}" })).status, 404);
  const deliveries = async () => answerOf(await on.as("hana").listHookDeliveries({ query: {} })).items;
  await until("the webhook is handled", async () => (await deliveries()).every(({ state }) => state === "done"));
  const [delivery, ...more] = await deliveries();
  assert.deepEqual(more, []);
  const ofRun = async () =>
    answerOf(await on.as("hana").listGates({ query: { limit: 200 } })).items.filter((gate) => gate.run === run);
  assert.equal((await ofRun()).length, 1);
  assert.equal((await on.tidegate("hana", "hooks", "replay", delivery?.id ?? "")).code, 0);
  await until("it is handled again", async () => (await deliveries())[0]?.state === "done");
  assert.equal((await ofRun()).length, 1, "a replay does nothing twice");
  await send("msg_3", made.secret, { run: "generic:shipping/1", reason: "No more." }, "gate.cancel");
  await until("it is cancelled", async () => (await ofRun())[0]?.state === "cancelled");
});
