import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { passes, request } from "#test/support/deployments.ts";
import { environment, startInstallation, type Installation } from "#test/support/installation.ts";

let on: Installation;
before(async () => {
  on = await startInstallation({
    ordersPerSecond: 5,
    stages: [
      { percent: 50, minSeconds: 1, minRequests: 2 },
      { percent: 100, minSeconds: 1, minRequests: 2 },
    ],
  });
});
after(async () => {
  await on[Symbol.asyncDispose]();
});

const to = ["--to", environment] as const;
/** Noon in Berlin, a day and a half after the last window and a night before the next. */
const sunday = "2027-03-07T11:00:00Z";
const monday = "2027-03-08T09:00:00Z";

test("deploy --watch shows every step of the run, ends with it and answers 0", async () => {
  const run = await on.tidegate("chen", "deploy", "email@1.1.0", ...to, "--watch");
  assert.equal(run.code, 0, run.stderr);
  const said = run.stdout;
  for (const words of ["Preflight passed", "0 % of the traffic", "Smoke test passed", "50 % of the traffic"]) {
    assert.ok(said.includes(words), `${words} in ${said}`);
  }
  assert.match(said, /^succeeded: email@1\.1\.0 is live in prod-emea, verified at the target\.$/m);
});

test("deploy --watch of a release that has to be taken back answers 1 and says why", async () => {
  const asked = on.tidegate("chen", "deploy", "cart@1.1.0", ...to, "--watch", "-o", "json");
  const inbox = async (): Promise<string> => {
    for (;;) {
      const { stdout } = await on.tidegate("hana", "inbox", "-o", "json");
      const found = /"id": ?"(dep_[^"]+)"/.exec(stdout)?.[1];
      if (found !== undefined) return found;
    }
  };
  const id = await inbox();
  assert.equal((await on.tidegate("hana", "approve", id)).code, 0);
  await passes(on, id, "shift to 50 %");
  assert.equal((await on.tidegate("hana", "abort", id, "--reason", "A test.")).code, 0);
  const run = await asked;
  assert.equal(run.code, 1, run.stderr);
  const shown: { readonly state: string; readonly outcome: string } = JSON.parse(run.stdout);
  assert.equal(shown.state, "aborted");
  assert.match(shown.outcome, /hana aborted the deployment.*cart@1\.0\.0 is verified live/);
});

test("why answers as the verdict is: 0 allowed, 3 denied, 5 to wait, with every finding as JSON", async () => {
  const verdictOf = async (subject: string) => {
    const asked = await on.tidegate("chen", "why", subject, ...to, "-o", "json");
    const verdict: { readonly verdict: string; readonly findings: readonly { readonly rule: string }[] } = JSON.parse(
      asked.stdout,
    );
    return { code: asked.code, verdict: verdict.verdict, rules: verdict.findings.length };
  };
  const allowed = await verdictOf("ad@1.1.0");
  assert.deepEqual([allowed.code, allowed.verdict], [0, "allow"]);
  assert.ok(allowed.rules >= 7);
  const denied = await verdictOf("checkout@1.1.0");
  assert.deepEqual([denied.code, denied.verdict, denied.rules], [3, "deny", allowed.rules]);
  const closed = await on.tidegate("chen", "why", "ad@1.1.0", ...to, "--at", "2027-03-07T12:00[Europe/Berlin]");
  assert.equal(closed.code, 5, closed.stdout);
  assert.match(closed.stdout, /2027-03-08T08:00/);
});

test("A release in a closed window answers 5, one that must not wait 5 as rejected, and both touch nothing", async () => {
  await on.setClock(sunday);
  const effects = (await on.ledger()).length;
  const waiting = await on.tidegate("chen", "deploy", "ad@1.1.0", ...to, "-o", "json");
  assert.equal(waiting.code, 5, waiting.stderr);
  const { id, state }: { readonly id: string; readonly state: string } = JSON.parse(waiting.stdout);
  assert.equal(state, "waiting");
  const rejected = await on.tidegate("chen", "deploy", "recommendation@1.1.0", ...to, "--no-wait", "-o", "json");
  assert.equal(rejected.code, 5, rejected.stderr);
  assert.match(rejected.stdout, /"rejected"/);
  assert.equal((await on.tidegate("hana", "abort", id, "--reason", "A test.")).code, 0);
  assert.equal((await on.ledger()).length, effects);
  await on.setClock(monday);
});

test("What is live already is done, a stranger is turned away, a wrong command is explained", async () => {
  const again = await on.tidegate("chen", "deploy", "email@1.1.0", ...to);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /email@1\.1\.0 is live in prod-emea already: there is nothing to do\./);
  const stranger = await on.tidegate(null, "deployments", "--token", `tgt_${"x".repeat(40)}`);
  assert.equal(stranger.code, 4, stranger.stderr);
  assert.equal((await on.tidegate(null, "deployments")).code, 4);
  assert.equal((await on.tidegate("max", "deploy", "ad@1.1.0", ...to)).code, 3, "a viewer asks for nothing");
  assert.equal((await on.tidegate("chen", "deploy", "ad@1.1.0")).code, 2);
  assert.equal((await on.tidegate("chen", "deploi")).code, 2);
});

test("The same key asks once, and an open release cannot be asked for under another", async () => {
  const key = ["--key", "pipeline-4711"];
  const first = await on.tidegate("chen", "deploy", "recommendation@1.1.0", ...to, ...key, "-o", "json");
  assert.equal(first.code, 0, first.stderr);
  const again = await on.tidegate("chen", "deploy", "recommendation@1.1.0", ...to, ...key, "-o", "json");
  assert.equal(JSON.parse(again.stdout).id, JSON.parse(first.stdout).id);
  await assert.rejects(request(on, "chen", "recommendation@1.1.0"), /already-open/);
});

test("lint names file, line and column of every mistake and answers 1", async () => {
  const folder = join(on.folder, "wrong");
  mkdirSync(folder);
  const window = `apiVersion: tidegate.dev/v1
kind: Window
metadata: { name: nights }
spec:
  scope: {}
  zone: Europe/Atlantis
  start: 2026-01-05T22:00
  rrule: FREQ=SOMETIMES
  end: "04:00"
`;
  writeFileSync(join(folder, "calendar.yaml"), window);
  const linted = await on.tidegate(null, "lint", folder);
  assert.equal(linted.code, 1, linted.stderr);
  assert.match(linted.stdout, /calendar\.yaml:6:9/);
  assert.match(linted.stdout, /Europe\/Atlantis/);
  assert.match(linted.stdout, /calendar\.yaml:8:15/);
});
