import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeApi, problemOf } from "#test/api/fakes.ts";

const since = "2026-03-01T00:00:00Z";

for (const [what, body, code, says] of [
  ["a span that ends before it begins", { since, until: "2026-02-01T00:00:00Z" }, "bad-span", /until must lie after/],
  ["an instant without an offset", { since: "2026-03-01T00:00:00" }, "invalid-request", /since/],
  ["more verdicts than one answer holds", { since, limit: 1001 }, "invalid-request", /limit/],
  [
    "a second back-test at the same time",
    { since, files: [{ path: "busy.yaml", text: "" }] },
    "backtest-running",
    /You have a back-test running or waiting/,
  ],
  [
    "a back-test for which there is no turn",
    { since, files: [{ path: "full.yaml", text: "" }] },
    "backtests-full",
    /Others are judging/,
  ],
  [
    "a stretch that takes too much",
    { since, files: [{ path: "heavy.yaml", text: "" }] },
    "backtest-too-heavy",
    /smaller limit/,
  ],
  [
    "a draft that could not be applied",
    { since, files: [{ path: "broken.yaml", text: "" }] },
    "invalid-configuration",
    /1 problem; nothing was tried/,
  ],
] as const) {
  test(`${what} is refused by its code`, async () => {
    const answered = await fakeApi().call("/v1/policies/backtest", { method: "POST", as: "viewer", body });
    const problem = await problemOf(answered);
    assert.equal(problem.code, code);
    assert.match(problem.detail, says);
  });
}

for (const [path, status] of [
  ["busy.yaml", 429],
  ["full.yaml", 503],
] as const) {
  test(`whoever is told ${status} is told when to come again`, async () => {
    const body = { since, files: [{ path, text: "" }] };
    const answered = await fakeApi().call("/v1/policies/backtest", { method: "POST", as: "viewer", body });
    assert.deepEqual([answered.status, answered.headers.get("retry-after")], [status, "5"]);
  });
}

test("a draft is refused with the places of what is wrong", async () => {
  const body = { since, files: [{ path: "broken.yaml", text: "" }] };
  const problem = await problemOf(
    await fakeApi().call("/v1/policies/backtest", { method: "POST", as: "viewer", body }),
  );
  assert.equal(problem.problems?.length, 1);
  assert.match(JSON.stringify(problem.problems), /"path":"broken.yaml","line":7,"column":3/);
});

test("a policy that never was is told so", async () => {
  assert.equal((await problemOf(await fakeApi().call("/v1/policies/nope", { as: "viewer" }))).code, "no-such-policy");
});

test("trying a draft changes nothing, so no idempotency key is asked for and nothing is recorded", async () => {
  const api = fakeApi();
  const answered = await api.call("/v1/policies/backtest", { method: "POST", as: "viewer", body: { since } });
  assert.equal(answered.status, 200);
  assert.deepEqual(api.done, []);
});
