import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { listen, type Listening } from "#api/listen.ts";
import { buildApp } from "#api/server.ts";
import { runCommandLine } from "#cli/program.ts";
import { reportKind } from "#contract/report.ts";
import { digestOfArtifact, fakeApi, type FakeApi } from "#test/api/fakes.ts";
import { fakeHoldId, fakeStopId } from "#test/api/fakes-intake.ts";

let api: FakeApi;
let listening: Listening;

before(async () => {
  api = fakeApi();
  const allowedHosts: string[] = [];
  listening = await listen(buildApp({ ...api.deps, settings: { ...api.deps.settings, allowedHosts } }), { port: 0 });
  allowedHosts.push(`127.0.0.1:${listening.port}`);
});
after(async () => {
  api.stop();
  await listening.stop();
});

async function run(as: "operator" | "developer" | "compliance", ...args: readonly string[]) {
  let [out, talk] = ["", ""];
  const settings = {
    version: "0",
    env: { TIDEGATE_SERVER: listening.url, TIDEGATE_TOKEN: api.tokens[as] },
    write: (data: string) => void (out += data),
    say: (line: string) => void (talk += `${line}\n`),
    interrupted: new AbortController().signal,
    local: [],
  };
  const exit = await runCommandLine(settings, args);
  return { exit, out, talk };
}

const by = ["--source", "ci"] as const;
for (const [kind, ...args] of [
  ["evidence", digestOfArtifact, "--kind", "coverage", "--outcome", "pass", "--value", "81.5", "--ref", "build 7"],
  ["verification", digestOfArtifact, "--outcome", "unsigned"],
  ["ticket", "CHG-1", "--state", "approved", "--service", "a", "b", "--from", "2026-03-25T22:00[Europe/Berlin]"],
  ["error-budget", "checkout-api", "--left", "-0.25"],
  ["risk-score", "checkout-api@5.0.1", "--to", "prod-emea", "--score", "40"],
  ["backup", "orders-db", "--environment", "prod-emea", "--every", "PT5M", "--last-success", "2026-03-25T08:00:00Z"],
  ["restore", "orders-db", "--environment", "prod-emea", "--outcome", "done", "--took", "PT20M"],
  ["signal", "ledger-core", "--status", "degraded", "--environment", "prod-emea"],
] as const) {
  test(`report ${kind} brings it to the server and says that it counts`, async () => {
    const { exit, out, talk } = await run("operator", "report", kind, ...args, ...by);
    assert.equal(exit, 0, talk);
    assert.match(out, /^rpt_0{32} recorded; it counts from now on\n$/);
    const stored = kind === "backup" || kind === "restore" ? "recovery" : kind;
    assert.equal(api.done.at(-1), `report ${stored}`);
  });
}

for (const kind of reportKind.options) {
  test(`reports ${kind} shows when, about what, what and who says so`, async () => {
    const { exit, out, talk } = await run("developer", "reports", kind);
    assert.equal(exit, 0, talk);
    assert.match(out, /^AT +ABOUT +SAYS +SOURCE\n2026-03-25T08:00:00Z +\S+/);
    assert.equal(out.split("\n").length, 3);
  });
}

for (const [what, exit, words, ...args] of [
  [
    "an outcome nobody knows",
    2,
    /Known: pass, fail, not-enough/,
    "report",
    "evidence",
    digestOfArtifact,
    "--kind",
    "a",
    "--outcome",
    "fine",
    ...by,
  ],
  ["a figure that is none", 2, /--left takes a number/, "report", "error-budget", "a", "--left", "half", ...by],
  [
    "a time without a zone",
    2,
    /\[Europe\/Berlin\]/,
    "report",
    "signal",
    "a",
    "--status",
    "ok",
    "--at",
    "2026-03-25T22:00",
    ...by,
  ],
  ["no source", 2, /--source/, "report", "signal", "a", "--status", "ok"],
  ["a kind nobody knows", 2, /Known: evidence, verification/, "reports", "rumours"],
  ["a service nobody knows", 2, /no service nothing/, "report", "signal", "nothing", "--status", "ok", ...by],
  [
    "a report of tomorrow",
    1,
    /Set the clock of ci/,
    "report",
    "signal",
    "a",
    "--status",
    "ok",
    "--at",
    "2026-03-27T08:00:00Z",
    ...by,
  ],
  ["a hold of nothing in particular", 2, /or say --everything/, "hold", "--reason", "x"],
  [
    "a hold of everything and something",
    2,
    /or say --everything/,
    "hold",
    "--everything",
    "--service",
    "a",
    "--reason",
    "x",
  ],
  [
    "a hold nobody could lift",
    1,
    /nobody is no person, team or role/,
    "hold",
    "--everything",
    "--reason",
    "x",
    "--lifted-by",
    "nobody",
  ],
  ["a hold without a reason", 2, /--reason/, "hold", "--service", "a"],
  ["a hold that is not there", 2, /There is no hold/, "unhold", `hld_${"1".repeat(32)}`, "--reason", "x"],
  ["a stop without a reason", 2, /--reason/, "stop"],
] as const) {
  test(`${what} ends with ${exit} and says what to do`, async () => {
    const ended = await run("operator", ...args);
    assert.equal(ended.exit, exit, ended.talk);
    assert.match(ended.talk, words);
    assert.equal(ended.out, "");
  });
}

test("a developer's own account does not report, and the words say which would", async () => {
  const { exit, talk } = await run("developer", "report", "signal", "a", "--status", "ok", ...by);
  assert.equal(exit, 3);
  assert.match(talk, /automation accounts only: use one of developer's bots/);
});

test("a hold is placed, listed and lifted, and only whom it names lifts it", async () => {
  const placed = await run(
    "operator",
    "hold",
    "--service",
    "checkout-*",
    "cart",
    "--environment",
    "prod-*",
    "--reason",
    "Audit.",
  );
  assert.equal(placed.exit, 0, placed.talk);
  assert.equal(
    placed.out,
    `${fakeHoldId} holds environments prod-*, services checkout-* or cart until operator lifts it\n`,
  );
  const listed = await run("developer", "holds");
  assert.match(listed.out, new RegExp(`^ID .*\n${fakeHoldId} +everything +2026-03-25T08:00:00Z +lifted by operator`));
  const refused = await run("compliance", "unhold", fakeHoldId, "--reason", "Done.");
  assert.equal(refused.exit, 3);
  assert.match(refused.talk, /lifted by operator\. Ask there\./);
  assert.equal((await run("operator", "unhold", fakeHoldId, "--reason", "Done.")).out, `${fakeHoldId} is lifted\n`);
});

test("a stop says whether roll-backs pass, and resume finds the only one in force", async () => {
  const stopped = await run("operator", "stop", "--reason", "Fire.", "--no-roll-back", "-o", "json");
  const shape = z.object({ id: z.string(), allowsRollBack: z.boolean() });
  assert.deepEqual(shape.parse(JSON.parse(stopped.out)), { id: fakeStopId, allowsRollBack: false });
  assert.match((await run("operator", "stop", "--reason", "Fire.")).out, /roll-backs excepted/);
  assert.match((await run("developer", "stops")).out, /somebody resumes +pass +operator +A\./);
  const resumed = await run("operator", "resume", "--reason", "It is out.");
  assert.equal(resumed.out, `${fakeStopId} is ended; what waits is judged again\n`);
});
