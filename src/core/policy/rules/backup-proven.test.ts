import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { backupProven } from "#core/policy/rules/backup-proven.ts";
import { valueAt } from "#core/policy/timeline.ts";
import type { RecoveryReport } from "#core/release/reports.ts";
import { anEnvironment, aService, aSubject, at, someFacts } from "#core/testing.ts";

const now = at("2026-03-25T08:00Z");
const limits = {
  lossFor: Temporal.Duration.from({ minutes: 15 }),
  restoredIn: Temporal.Duration.from({ minutes: 30 }),
  provenFor: Temporal.Duration.from({ days: 90 }),
  environments: [],
};
const db = aService({ name: "orders-db", recovery: limits });
const subject = aSubject({ service: "orders-db" });
const live = [{ service: "orders-db", version: "1.0.0", environment: "prod-emea", since: at("2026-01-01T00:00Z") }];

function report(overrides: Partial<RecoveryReport>): RecoveryReport {
  return {
    service: "orders-db",
    environment: "prod-emea",
    act: "backup",
    outcome: "done",
    intervalSeconds: null,
    savedAt: null,
    tookSeconds: null,
    bytes: null,
    detail: null,
    digest: null,
    source: "backups",
    at: now,
    ref: null,
    ...overrides,
  };
}

const saved = report({ intervalSeconds: 300, savedAt: at("2026-03-25T07:56Z") });
const hourly = report({ intervalSeconds: 3600, savedAt: at("2026-03-25T07:56Z") });
const restored = report({ act: "restore", tookSeconds: 20 * 60, at: at("2026-03-20T08:00Z") });

function judged(recovery: Facts["recovery"], overrides: Partial<Facts> = {}, moment = now): Judgement {
  const facts = someFacts({ service: db, subject, deployed: live, recovery, ...overrides });
  return valueAt(backupProven.judge(facts), moment);
}

for (const [title, recovery, outcome, code] of [
  ["passes with fresh backups and a restore of 20 of 30 min", [saved, restored], "pass", "recovery-proven"],
  ["denies hourly backups where 15 min may be lost", [hourly, restored], "deny", "backup-too-rare"],
  ["takes the better of two that save", [hourly, { ...saved, source: "archive" }, restored], "pass", "recovery-proven"],
  [
    "denies a last success that is too old",
    [{ ...saved, savedAt: at("2026-03-25T07:44Z") }, restored],
    "deny",
    "backup-overdue",
  ],
  ["passes at the very limit", [{ ...saved, savedAt: at("2026-03-25T07:45Z") }, restored], "pass", "recovery-proven"],
  ["denies a backup that failed", [{ ...saved, outcome: "failed" }, restored], "deny", "backup-failed"],
  ["denies without a last success", [{ ...saved, savedAt: null }, restored], "deny", "backup-overdue"],
  ["does not know what nobody reported", [restored], "unknown", "backup-unreported"],
  ["denies without a measured restore", [saved], "deny", "restore-untested"],
  ["denies a restore that nobody measured", [saved, { ...restored, tookSeconds: null }], "deny", "restore-untested"],
  ["denies a restore of 40 of 30 min", [saved, { ...restored, tookSeconds: 2400 }], "deny", "restore-too-slow"],
  ["denies a restore that failed", [saved, { ...restored, outcome: "failed" }], "deny", "restore-failed"],
  ["denies other data", [saved, { ...restored, outcome: "different" }], "deny", "restore-different"],
  ["denies a restore of long ago", [saved, { ...restored, at: at("2025-12-01T08:00Z") }], "deny", "restore-stale"],
  ["says nothing where no reports are kept", "assumed", "not-applicable", "recovery-assumed"],
] as const) {
  test(`backup-proven ${title}`, () => {
    const judgement = judged(recovery);
    assert.deepEqual([judgement.outcome, judgement.code], [outcome, code]);
  });
}

for (const [title, overrides, code] of [
  ["a service without limits", { service: aService() }, "no-limits-declared"],
  ["an environment that is not protected", { environment: anEnvironment({ protected: false }) }, "limits-elsewhere"],
  [
    "an environment that the limits do not name",
    { service: { ...db, recovery: { ...limits, environments: ["prod-apac"] } } },
    "limits-elsewhere",
  ],
  ["a way back", { subject: { ...subject, action: "roll-back" } }, "changes-no-data"],
] as const) {
  test(`backup-proven asks nothing of ${title}`, () => assert.equal(judged([], overrides).code, code));
}

test("the figures are said, and who can do what", () => {
  const judgement = judged([hourly, { ...restored, tookSeconds: 2400 }]);
  assert.equal(
    judgement.sentence,
    "Orders-db in prod-emea is saved every 1 h, and 15 min may be lost (60 > 15 min) and " +
      "a restore of orders-db in prod-emea took 40 min, and 30 min are allowed (40 > 30 min).",
  );
  assert.deepEqual("remedies" in judgement && judgement.remedies.map(({ what }) => what), [
    "Save orders-db in prod-emea every 15 min or more often.",
    "Restore a backup of orders-db in prod-emea, measure it and report what came of it.",
  ]);
});

test("of a component that is not live yet it is said that it is new", () => {
  assert.equal(
    judged([saved], { deployed: [] }).sentence,
    "Orders-db in prod-emea is new, and no restore of orders-db in prod-emea was ever measured.",
  );
});

test("a restore that proves something today proves nothing behind its age", () => {
  const until = restored.at.add(limits.provenFor.with({ days: 0 }).add({ hours: 90 * 24 }));
  const facts = { at: until.subtract({ hours: 24 }), horizon: until.add({ hours: 24 }) };
  const fresh = { ...saved, savedAt: facts.at };
  assert.equal(judged([fresh, restored], facts, until.subtract({ seconds: 1 })).code, "recovery-proven");
  assert.equal(judged([fresh, restored], facts, until).code, "restore-stale");
});
