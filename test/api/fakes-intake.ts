import { err, ok } from "#core/result.ts";
import type { Report } from "#core/release/report.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;

export const fakeHoldId = `hld_${"0".repeat(32)}`;
export const fakeStopId = `stp_${"0".repeat(32)}`;

const reports: Readonly<Record<Report["kind"], Report>> = {
  evidence: {
    kind: "evidence",
    record: { digest, kind: "coverage", outcome: "pass", value: 81.5, ruleSet: null, source: "ci", at, ref: null },
  },
  verification: {
    kind: "verification",
    record: { digest, outcome: "verified", key: "cosign", source: "registry", at },
  },
  ticket: {
    kind: "ticket",
    record: {
      key: "CHG-1",
      services: ["checkout-api"],
      environments: [],
      state: "approved",
      from: at,
      to: null,
      source: "itsm",
      at,
    },
  },
  "error-budget": {
    kind: "error-budget",
    record: { service: "checkout-api", environment: null, left: -0.5, source: "slo", at },
  },
  "risk-score": {
    kind: "risk-score",
    record: { service: "checkout-api", version: "5.0.1", environment: "prod-emea", score: 40, source: "scoring", at },
  },
  recovery: {
    kind: "recovery",
    record: {
      service: "orders-db",
      environment: "prod-emea",
      act: "restore",
      outcome: "done",
      intervalSeconds: null,
      savedAt: at,
      tookSeconds: 1200,
      bytes: 4096,
      detail: "12 tables, 3000 rows",
      digest,
      source: "restore-test",
      at,
      ref: null,
    },
  },
  signal: {
    kind: "signal",
    record: { service: "checkout-api", environment: null, status: "degraded", source: "status", at, ref: "INC-7" },
  },
};

/** One report of each kind, one hold and one stop; `done` hears the name of every operation that changes something. */
export function fakeIntake(done: (operation: string) => Promise<void>): IntakeOperations {
  const hold = {
    id: fakeHoldId,
    scope: {},
    reason: "A.",
    by: "operator",
    since: at,
    until: null,
    liftedBy: "operator",
  };
  const stop = { id: fakeStopId, reason: "A.", by: "operator", since: at, until: null, allowsRollBack: true };
  return {
    async takeMetrics() {
      await done("sendMetrics");
      return ok({ rejected: 0, why: "" });
    },
    async takeLogs() {
      await done("sendLogs");
      return ok({ rejected: 0, why: "" });
    },
    async submitReport(report) {
      await done(`report ${report.kind}`);
      if ("service" in report.record && report.record.service === "nothing") {
        return err({ code: "no-such-service", name: "nothing" });
      }
      if (Temporal.Instant.compare(report.record.at, at.add({ hours: 24 })) > 0) {
        return err({ code: "in-the-future", now: at });
      }
      return ok({ id: `rpt_${"0".repeat(32)}`, recorded: true, counts: true });
    },
    async placeHold({ liftedBy, ...input }) {
      await done("placeHold");
      return liftedBy === "nobody" ? err("nobody-may-lift") : ok({ hold: { ...hold, ...input }, ended: null });
    },
    async liftHold({ id, reason }, { actor }) {
      await done("liftHold");
      if (id !== fakeHoldId) return err("no-such-hold");
      if (actor.person !== "operator") return err({ code: "not-meant", liftedBy: "operator" });
      return ok({ hold, ended: { at, by: actor.person, reason } });
    },
    async stop(input) {
      await done("stopAll");
      return ok({ stop: { ...stop, ...input }, ended: null });
    },
    async resume({ id, reason }, { actor }) {
      await done("resumeAll");
      return id === fakeStopId ? ok({ stop, ended: { at, by: actor.person, reason } }) : err("no-such-stop");
    },
    async listReporters(now) {
      const about = {
        kind: "signal",
        service: "ledger-core",
        environment: null,
        source: "probe",
        outcome: "ok",
      } as const;
      return { items: [{ ...about, heardAt: now, freshUntil: null }], left: 0 };
    },
    async listReports({ kind }) {
      const received = { id: `rpt_${"0".repeat(32)}`, receivedAt: at, by: "developer", account: "developer-bot" };
      return { items: [{ ...received, report: reports[kind] }], next: null };
    },
    listHolds: async () => ({ items: [{ hold, ended: null }], next: null }),
    listStops: async () => ({ items: [{ stop, ended: null }], next: null }),
  };
}
