import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  answerOf,
  auditActionsOf,
  decide,
  effectsOf,
  ends,
  linesOf,
  passes,
  reaches,
  recorded,
  replayVerdicts,
  request,
  show,
} from "#test/support/deployments.ts";
import { startInstallation, type Installation } from "#test/support/installation.ts";

let on: Installation;
before(async () => {
  on = await startInstallation({ ordersPerSecond: 10 });
});
after(async () => {
  await on[Symbol.asyncDispose]();
});

test("A good release goes live step by step once another person has approved it", async () => {
  const asked = await request(on, "emil", "cart@1.1.0");
  assert.equal(asked.state, "waiting");
  assert.equal(asked.verdict?.verdict, "deny");
  assert.equal(await decide(on, "emil", asked), "own-request");
  assert.equal(await decide(on, "chen", asked), "own-work", "chen registered the version, which makes it hers");
  assert.equal(await decide(on, "ben", asked), "not-entitled");
  assert.equal((await show(on, asked.id)).state, "waiting");
  assert.equal(await decide(on, "hana", asked), "approved");
  const seen = new Set<string>();
  const ended = await reaches(
    on,
    asked.id,
    "cart@1.1.0 has ended",
    (detail) => {
      void on.shares("cart").then((shares) => seen.add(`${shares["1.1.0"] ?? 0} %`));
      return detail.endedAt !== null;
    },
    180_000,
  );
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  assert.deepEqual(linesOf(ended), [
    "take the lock",
    "preflight",
    "start version",
    "smoke test",
    ...["5 %", "25 %", "50 %", "100 %"].flatMap((share) => [`shift to ${share}`, `watch ${share}`]),
    "verify live",
    "stop 1.0.0",
    "record the end",
  ]);
  for (const share of ["0 %", "5 %", "25 %", "50 %", "100 %"]) assert.ok(seen.has(share), `${share} at the proxy`);
  const effects = await effectsOf(on, asked.id);
  assert.deepEqual(
    effects.map((effect) => effect.split(" ").slice(0, 2).join(" ")),
    ["applied start-version", ...Array.from({ length: 4 }, () => "applied set-weights"), "applied stop-version"],
  );
  assert.deepEqual(await on.shares("cart"), { "1.1.0": 100 });
  const cart = (await on.inventory()).services.find(({ service }) => service === "cart");
  const former = cart?.versions.find(({ version }) => version === "1.0.0");
  assert.ok(former === undefined || former.state === "stopped");
  assert.equal(await recorded(on, "cart"), "1.1.0");
  assert.deepEqual(await auditActionsOf(on, asked.id), [
    "deployment.request",
    "approval.decide",
    "deployment.queue",
    "deployment.start",
    "deployment.succeed",
  ]);
});

test("No user met the new version before its smoke test had passed", async () => {
  const detail = answerOf(await on.as("hana").listDeployments({ query: { service: "cart" } })).items[0];
  assert.ok(detail !== undefined);
  const { timeline } = await show(on, detail.id);
  const smoke = timeline.find(({ name }) => name === "smoke test");
  assert.ok(smoke !== undefined);
  const samples = answerOf(await on.as("hana").getTraffic({ params: { id: detail.id } })).samples;
  const firstShift = (await on.ledger()).find(
    ({ key, effect }) => key.startsWith(`${detail.id}:`) && effect === "set-weights",
  );
  assert.ok(firstShift !== undefined);
  const shiftSecond = Math.floor(Temporal.Instant.from(firstShift.at).epochMilliseconds / 1000);
  const seconds = await on.traffic("cart", shiftSecond - 30);
  assert.ok(seconds.some(({ version, requests }) => version === "1.0.0" && requests > 0));
  assert.deepEqual(
    seconds.filter(({ version, second, requests }) => version === "1.1.0" && second < shiftSecond && requests > 0),
    [],
  );
  assert.ok(samples.some(({ arm, requests }) => arm === "canary" && requests > 0));
});

test("A release with a defect is found, taken back to 0 %, and the former version is verified at the target", async () => {
  const asked = await request(on, "chen", "checkout@1.1.0");
  assert.equal(await decide(on, "emil", asked), "approved");
  assert.equal((await show(on, asked.id)).state, "waiting", "two approvals are needed");
  assert.equal(await decide(on, "hana", asked), "approved");
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "rolled-back", ended.outcome ?? "");
  assert.match(ended.outcome ?? "", /checkout@1\.1\.0 is worse than 1\.0\.0 in .*% errors/);
  assert.match(ended.outcome ?? "", /checkout@1\.0\.0 is verified live at the target/);
  assert.ok(linesOf(ended).includes("smoke test"), "its defect passes the smoke test");
  assert.deepEqual(linesOf(ended).slice(-4), ["roll back", "verify former version", "stop 1.1.0", "record the end"]);
  assert.equal(ended.percent, 0);
  assert.deepEqual(await on.shares("checkout"), { "1.0.0": 100 });
  assert.equal(await recorded(on, "checkout"), "1.0.0");
  assert.ok((await auditActionsOf(on, asked.id)).includes("deployment.roll-back"));
});

test("A defect that only the neighbours' traffic shows passes the smoke test and is found in the canary", async () => {
  const asked = await request(on, "ben", "productcatalog@1.1.0");
  assert.equal(await decide(on, "fatima", asked), "approved");
  await passes(on, asked.id, "smoke test");
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "rolled-back", ended.outcome ?? "");
  assert.match(ended.outcome ?? "", /productcatalog@1\.1\.0 is worse than 1\.0\.0/);
  assert.deepEqual(await on.shares("productcatalog"), { "1.0.0": 100 });
  assert.equal(await recorded(on, "productcatalog"), "1.0.0");
});

test("Every effect at the target was applied once and under rising lock numbers", async () => {
  const ledger = await on.ledger();
  const applied = ledger.filter(({ outcome }) => outcome === "applied");
  assert.equal(new Set(applied.map(({ key }) => key)).size, applied.length);
  const fences = applied.map(({ fence }) => fence);
  assert.deepEqual(
    fences,
    fences.toSorted((a, b) => a - b),
  );
  assert.equal(ledger.filter(({ outcome }) => outcome === "refused").length, 0);
});

test("Every stored verdict is the same, byte for byte, when its stored facts are judged again", async () => {
  const { judged, different } = await replayVerdicts(on);
  assert.ok(judged > 10, `${judged} verdicts`);
  assert.deepEqual(different, []);
});

test("A stranger verifies the export of the record with the command line alone, and sees a changed letter", async () => {
  const exported = await on.tidegate("kemal", "audit", "export");
  assert.equal(exported.code, 0, exported.stderr);
  const file = join(on.folder, "audit.json");
  writeFileSync(file, exported.stdout);
  const verified = await on.tidegate(null, "audit", "verify", file);
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stdout, /whole and in order/);
  writeFileSync(file, exported.stdout.replace("cart@1.1.0", "cart@1.1.1"));
  assert.equal((await on.tidegate(null, "audit", "verify", file)).code, 1);
});
