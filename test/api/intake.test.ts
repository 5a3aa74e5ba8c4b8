import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { reportKind } from "#contract/report.ts";
import { digestOfArtifact, fakeApi, issue, problemOf, type FakeApi } from "#test/api/fakes.ts";
import { fakeHoldId } from "#test/api/fakes-intake.ts";

const evidence = { digest: digestOfArtifact, kind: "coverage", outcome: "pass", value: 81, source: "ci" };
const post = (api: FakeApi, path: string, body: unknown, as: "operator" | "viewer" | "compliance" = "operator") =>
  api.call(path, { method: "POST", as, body });

test("a report that names no instant is of now, and one that names it keeps it", async () => {
  const api = fakeApi();
  const answered = await post(api, "/v1/reports/evidence", evidence);
  assert.equal(answered.status, 200);
  assert.deepEqual(await answered.json(), { id: `rpt_${"0".repeat(32)}`, recorded: true, counts: true });
  assert.deepEqual(api.done, ["report evidence"]);
});

test("the same report with the same key is taken once", async () => {
  const api = fakeApi();
  const keyed = { method: "POST", as: "operator", headers: { "idempotency-key": "k-1" }, body: evidence } as const;
  await api.call("/v1/reports/evidence", keyed);
  const again = await api.call("/v1/reports/evidence", keyed);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(api.done, ["report evidence"]);
});

for (const [what, path, body] of [
  ["a digest that is none", "evidence", { ...evidence, digest: "latest" }],
  ["a field nobody knows", "evidence", { ...evidence, colour: "green" }],
  ["a kind in capitals", "evidence", { ...evidence, kind: "Unit Tests!" }],
  ["a report without a source", "evidence", { ...evidence, source: "" }],
  ["a share above the whole", "error-budget", { service: "a", left: 1.5, source: "slo" }],
  ["a score above 100", "risk-score", { service: "a", version: "1", environment: "prod", score: 101, source: "x" }],
  ["a status nobody knows", "signal", { service: "a", status: "fine", source: "x" }],
  [
    "more services than a ticket names",
    "ticket",
    { key: "C-1", services: Array(51).fill("a"), state: "x", source: "x" },
  ],
] as const) {
  test(`${what} is refused before anything is taken`, async () => {
    const api = fakeApi();
    assert.equal((await problemOf(await post(api, `/v1/reports/${path}`, body))).code, "invalid-request");
    assert.deepEqual(api.done, []);
  });
}

test("a ticket that ends before it begins is refused", async () => {
  const api = fakeApi();
  const body = { key: "CHG-1", services: ["a"], state: "open", source: "itsm" };
  const span = { from: "2026-03-25T09:00:00Z", to: "2026-03-25T08:00:00Z" };
  assert.equal((await problemOf(await post(api, "/v1/reports/ticket", { ...body, ...span }))).code, "bad-span");
  assert.deepEqual(api.done, []);
});

test("a report of tomorrow is refused with the time that it is", async () => {
  const api = fakeApi();
  const problem = await problemOf(await post(api, "/v1/reports/evidence", { ...evidence, at: "2026-03-27T08:00:00Z" }));
  assert.equal(problem.code, "in-the-future");
  assert.match(problem.detail, /2026-03-25T08:00:00Z, which is now\. Set the clock of ci\./);
});

test("a service that nobody has declared is named in the refusal", async () => {
  const problem = await problemOf(
    await post(fakeApi(), "/v1/reports/signal", { service: "nothing", status: "ok", source: "status" }),
  );
  assert.deepEqual([problem.code, problem.status], ["no-such-service", 404]);
});

test("a developer's pipeline may report, the developer by hand may not", async () => {
  const api = fakeApi();
  const byHand = await api.call("/v1/reports/evidence", { method: "POST", as: "developer", body: evidence });
  assert.equal((await problemOf(byHand)).code, "forbidden");
  const token = issue(api.stored, "developer");
  const [id = ""] = [...api.stored.keys()].slice(-1);
  const credential = api.stored.get(id);
  assert.ok(credential !== undefined);
  api.stored.set(id, { ...credential, account: "developer-bot" });
  const byBot = await api.call("/v1/reports/evidence", {
    method: "POST",
    as: null,
    headers: { authorization: `Bearer ${token}` },
    body: evidence,
  });
  assert.equal(byBot.status, 200);
});

test("everybody in the organisation reads what was reported, of every kind", async () => {
  const api = fakeApi();
  for (const kind of reportKind.options) {
    const answered = await api.call(`/v1/reports/${kind}?service=checkout-api&limit=5`, { as: "viewer" });
    assert.equal(answered.status, 200, kind);
    const { items } = z.object({ items: z.array(z.object({ kind: z.string() })) }).parse(await answered.json());
    assert.deepEqual(
      items.map((item) => item.kind),
      [kind],
    );
  }
  assert.equal((await problemOf(await api.call("/v1/reports/rumour", { as: "viewer" }))).code, "invalid-request");
});

test("a hold is placed with a scope, shown as in force, and lifted only by whom it names", async () => {
  const api = fakeApi();
  const placed = await post(api, "/v1/holds", { scope: { services: ["a*"] }, reason: "Audit." });
  assert.equal(placed.status, 200);
  const hold = z.object({ id: z.string(), inForce: z.boolean(), scope: z.unknown() }).parse(await placed.json());
  assert.deepEqual(hold, { id: fakeHoldId, inForce: true, scope: { services: ["a*"] } });
  const refused = await problemOf(await post(api, `/v1/holds/${fakeHoldId}/lift`, { reason: "Done." }, "compliance"));
  assert.deepEqual([refused.code, refused.status], ["not-yours-to-lift", 403]);
  assert.match(refused.detail, /lifted by operator/);
  const lifted = await post(api, `/v1/holds/${fakeHoldId}/lift`, { reason: "Done." });
  assert.equal(z.object({ inForce: z.boolean() }).parse(await lifted.json()).inForce, false);
});

test("a hold that nobody could lift is refused", async () => {
  const body = { scope: {}, reason: "Audit.", liftedBy: "nobody" };
  const problem = await problemOf(await post(fakeApi(), "/v1/holds", body));
  assert.deepEqual([problem.code, problem.status], ["nobody-may-lift", 422]);
});

test("a reason is asked of everybody who holds, lifts, stops or resumes", async () => {
  const api = fakeApi();
  for (const [path, body] of [
    ["/v1/holds", { scope: {} }],
    [`/v1/holds/${fakeHoldId}/lift`, {}],
    ["/v1/stops", {}],
    [`/v1/stops/stp_${"0".repeat(32)}/resume`, { reason: "" }],
  ] as const) {
    assert.equal((await problemOf(await post(api, path, body))).code, "invalid-request", path);
  }
  assert.deepEqual(api.done, []);
});

test("a stop lets roll-backs through unless it says otherwise, and viewers can neither stop nor resume", async () => {
  const api = fakeApi();
  const shape = z.object({ allowsRollBack: z.boolean() });
  assert.equal(shape.parse(await (await post(api, "/v1/stops", { reason: "Fire." })).json()).allowsRollBack, true);
  const all = await post(api, "/v1/stops", { reason: "Fire.", allowsRollBack: false });
  assert.equal(shape.parse(await all.json()).allowsRollBack, false);
  assert.equal((await problemOf(await post(api, "/v1/stops", { reason: "x" }, "viewer"))).code, "forbidden");
});
