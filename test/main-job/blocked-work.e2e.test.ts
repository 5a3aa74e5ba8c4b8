import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { query, sql } from "#store/sql.ts";
import {
  answerOf,
  auditActionsOf,
  ends,
  linesOf,
  passes,
  reaches,
  recorded,
  request,
  show,
  type Detail,
} from "#test/support/deployments.ts";
import { environment, startInstallation, until, type Installation } from "#test/support/installation.ts";

/*
 * One week of the domain clock, which only moves forward: Tuesday 10:00 in Berlin, closed from 16:00, Wednesday from
 * 09:00, and so on to Thursday night.
 */
const tuesdayNight = "2027-03-02T15:30:00Z";
const wednesdayMorning = "2027-03-03T08:00:00Z";
const wednesdayNight = "2027-03-03T15:30:00Z";
const thursday = "2027-03-04T09:00:00Z";
const thursdayLater = "2027-03-04T10:00:00Z";
const thursdayNight = "2027-03-04T15:30:00Z";

let on: Installation;
before(async () => {
  on = await startInstallation({ ordersPerSecond: 8 });
});
after(async () => {
  await on[Symbol.asyncDispose]();
});

function freezeUntil(to: string, onBegin: "finish" | "pause" | "roll-back" = "pause"): string {
  return `apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: test-freeze }
spec:
  scope: { environments: [${environment}] }
  strength: hard
  zone: UTC
  start: 2027-03-01T00:00
  end: ${to}
  owner: release-manager
  onBegin: ${onBegin}
  reason: The test says so.
`;
}

function blockers(detail: Detail): readonly string[] {
  const findings = detail.verdict?.findings ?? [];
  return findings.filter(({ outcome }) => !["pass", "not-applicable"].includes(outcome)).map(({ rule }) => rule);
}

test("Of two releases to one environment the second waits, names the holder, and runs after the first", async () => {
  const first = await request(on, "chen", "email@1.1.0");
  await passes(on, first.id, "take the lock");
  const second = await request(on, "ben", "recommendation@1.1.0");
  assert.equal(second.state, "waiting");
  assert.deepEqual(blockers(second), ["lock-free"]);
  const finding = second.verdict?.findings.find(({ rule }) => rule === "lock-free");
  assert.ok(JSON.stringify(finding).includes(first.id), JSON.stringify(finding));
  const ended = await ends(on, first.id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  const then = await ends(on, second.id);
  assert.equal(then.state, "succeeded", then.outcome ?? "");
  assert.ok(ended.endedAt !== null && then.startedAt !== null);
  assert.ok(Temporal.Instant.compare(then.startedAt, ended.endedAt) >= 0, "one at a time");
  assert.ok((then.fence ?? 0) > (ended.fence ?? 0));
});

test("A running release that somebody aborts goes back to the former version and says who", async () => {
  const asked = await request(on, "chen", "ad@1.1.0");
  await passes(on, asked.id, "shift to 25 %");
  answerOf(await on.as("hana").abortDeployment({ params: { id: asked.id }, body: { reason: "A test." } }));
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "aborted", ended.outcome ?? "");
  assert.match(ended.outcome ?? "", /hana aborted/);
  assert.ok(linesOf(ended).includes("verify former version"));
  assert.deepEqual(await on.shares("ad"), { "1.0.0": 100 });
  assert.equal(await recorded(on, "ad"), "1.0.0");
});

test("Outside its window a release waits for the exact opening and starts by itself at that instant", async () => {
  await on.setClock(tuesdayNight);
  const asked = await request(on, "chen", "ad@1.1.0");
  assert.equal(asked.state, "waiting");
  assert.equal(asked.verdict?.verdict, "wait");
  assert.deepEqual(blockers(asked), ["inside-window"]);
  assert.equal(asked.opensAt, wednesdayMorning);
  await on.setClock("2027-03-03T07:59:00Z");
  const early = await show(on, asked.id);
  assert.equal(early.state, "waiting");
  await on.setClock(wednesdayMorning);
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  assert.ok(ended.startedAt !== null && Temporal.Instant.compare(ended.startedAt, wednesdayMorning) >= 0);
  assert.deepEqual(await auditActionsOf(on, asked.id), [
    "deployment.request",
    "deployment.queue",
    "deployment.start",
    "deployment.succeed",
  ]);
});

test("A request that must not wait is rejected when it is not allowed at once, and nothing is touched", async () => {
  await on.setClock(wednesdayNight);
  const effects = (await on.ledger()).length;
  const body = { service: "recommendation", version: "1.0.0", environment, whenBlocked: "fail" as const };
  const asked = answerOf(await on.as("ben").requestDeployment({ body }));
  assert.equal(asked.state, "rejected");
  assert.equal(asked.verdict?.verdict, "wait");
  assert.match(asked.outcome ?? "", /asked not to wait/);
  assert.equal((await on.ledger()).length, effects);
});

test("A freeze holds a release until it is lifted in the configuration, which lets it go at once", async () => {
  await on.setClock(thursday);
  await on.apply(freezeUntil("2027-03-09T00:00"));
  const asked = await request(on, "ben", "recommendation@1.0.0");
  assert.equal(asked.state, "waiting");
  assert.ok(blockers(asked).includes("freeze-in-force"));
  assert.equal(asked.opensAt, "2027-03-09T08:00:00Z", "the first working hour after the freeze");
  await on.apply("");
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
});

test("A freeze that begins under a run holds its position, and the run goes on at the freeze's end", async () => {
  const asked = await request(on, "chen", "email@1.0.0");
  await passes(on, asked.id, "shift to 5 %");
  await on.apply(freezeUntil("2027-03-04T10:00"));
  const paused = await reaches(on, asked.id, "it stands still", ({ timeline }) =>
    timeline.some(({ step, phase }) => step === "judge" && phase === "info"),
  );
  const share = paused.percent;
  assert.ok(share > 0 && share < 100);
  assert.deepEqual(await on.shares("email"), { "1.0.0": share, "1.1.0": 100 - share });
  await on.setClock(thursdayLater);
  const ended = await ends(on, asked.id);
  assert.equal(ended.state, "succeeded", ended.outcome ?? "");
  await on.apply("");
});

test("Of two requests at the same time one runs and the other is behind it, whoever was first", async () => {
  const both = await Promise.all([request(on, "chen", "ad@1.0.0"), request(on, "ben", "recommendation@1.1.0")]);
  const ended = await Promise.all(both.map(({ id }) => ends(on, id)));
  for (const each of ended) assert.equal(each.state, "succeeded", each.outcome ?? "");
  const [first, second] = ended.toSorted((a, b) => (a.fence ?? 0) - (b.fence ?? 0));
  assert.ok(first?.endedAt && second?.startedAt);
  assert.ok(Temporal.Instant.compare(second.startedAt, first.endedAt) >= 0, "one at a time");
});

test("The same idempotency key asks for one deployment, also when the server is killed between", async () => {
  await on.setClock(thursdayNight);
  const key = "one-key-one-deployment";
  const body = { service: "ad", version: "1.1.0", environment };
  const open = async (): Promise<readonly string[]> => {
    const rows = sql`select id from deployment where service = 'ad' and version = '1.1.0' and ended_at is null`;
    return (await query(on.pool, rows, z.object({ id: z.string() }))).map(({ id }) => id);
  };
  const lost = on.as("chen").requestDeployment({ body, key });
  await until("the deployment is in the store", async () => (await open()).length === 1);
  await on.kill("api");
  const [id = ""] = await open();
  const first = await lost;
  await on.restart("api");
  const again = await on.as("chen").requestDeployment({ body, key });
  // The answer was stored, or the key is still taken: never is the act done again.
  if (again.ok) assert.equal(again.body.id, id);
  else assert.equal(again.problem.code, "in-progress");
  if (first.ok) assert.equal(first.body.id, id);
  const other = await on.as("chen").requestDeployment({ body, key: "another-key" });
  assert.equal(other.ok ? "ok" : other.problem.code, "already-open");
  assert.deepEqual(await open(), [id]);
  const cancelled = answerOf(
    await on.as("hana").abortDeployment({ params: { id }, body: { reason: "The test ends." } }),
  );
  assert.equal(cancelled.state, "cancelled");
});
