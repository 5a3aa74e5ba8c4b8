import assert from "node:assert/strict";
import { test } from "node:test";
import { historyOf } from "#web/release/history.ts";
import { knownVersions } from "#web/release/versions.ts";
import { currentSignals, namesIn, scopeText } from "#web/release/holds.ts";

test("A request and a decision are history before anything has run", () => {
  const lines = historyOf(
    {
      service: "api",
      version: "1.0.0",
      state: "waiting",
      headline: "",
      requestedBy: "bob",
      requestedAt: "2026-03-25T08:00:00Z",
      approvals: [{ person: "eva", decision: "approved", reason: "Looks fine.", at: "2026-03-25T09:00:00Z" }],
      timeline: [],
    },
    [
      {
        deployment: "dep_1",
        person: "bob",
        at: "2026-03-25T08:30:00Z",
        verdict: "vdt_1",
        was: { verdict: "wait", opensAt: null },
        is: { verdict: "deny", opensAt: null },
        because: [],
      },
    ],
  );
  assert.deepEqual(
    lines.map(({ sentence }) => sentence),
    [
      "bob asked for api 1.0.0.",
      "What bob was told no longer holds: it was to wait and is denied.",
      "eva approved this content: Looks fine.",
    ],
  );
});

test("Versions that run or were asked for are offered, each once, the newest first", () => {
  const cell = { service: "api", environment: "prod", version: "1.9.0", since: null, open: null };
  const asked = [
    { service: "api", version: "1.10.0" },
    { service: "api", version: "1.9.0" },
    { service: "web", version: "7.0.0" },
  ];
  assert.deepEqual(knownVersions("api", [cell], asked), ["1.10.0", "1.9.0"]);
});

test("Of the signals of one source the last word counts", () => {
  const said = (at: string, status: "ok" | "degraded") => ({
    kind: "signal" as const,
    id: at,
    receivedAt: at,
    reportedBy: "monitor",
    account: "monitor",
    report: { service: "api", environment: null, status, ref: null, source: "status", at },
  });
  const signals = currentSignals([said("2026-03-25T09:00:00Z", "ok"), said("2026-03-25T08:00:00Z", "degraded")]);
  assert.deepEqual(
    signals.map(({ report }) => report.status),
    ["ok"],
  );
});

test("A scope is said in words, and names of a form are read from any list", () => {
  assert.equal(scopeText({}), "everything");
  assert.equal(scopeText({ services: ["a-*", "b"], tiers: [1] }), "services a-* or b, tiers 1");
  assert.deepEqual(namesIn(" a-*, b  c "), ["a-*", "b", "c"]);
  assert.equal(namesIn("  "), undefined);
});
