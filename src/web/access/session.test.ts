import assert from "node:assert/strict";
import { test } from "node:test";
import { safeNext } from "#web/access/session.ts";

for (const [next, goes] of [
  ["/matrix?at=2026-03-28T00:00:00Z", "/matrix?at=2026-03-28T00:00:00Z"],
  ["//elsewhere.example/x", "/deployments"],
  ["https://elsewhere.example/", "/deployments"],
  ["/\\elsewhere.example", "/deployments"],
  ["/login?next=/login", "/deployments"],
  [undefined, "/deployments"],
] as const) {
  test(`After logging in, "${next}" leads to ${goes}`, () => assert.equal(safeNext(next), goes));
}
