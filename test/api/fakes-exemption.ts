import { err, ok } from "#core/result.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { RegisteredDebt, RegisteredExemption, RegisteredUse } from "#core/exemption/register.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const later = at.add({ hours: 48 });
const digest = `sha256:${"a".repeat(64)}`;
const deployment = `dep_${"0".repeat(32)}`;

export const fakeExemption: RegisteredExemption = {
  exemption: {
    id: "EX-12",
    rule: "evidence-fresh",
    codes: ["evidence-missing"],
    subjects: ["load-test"],
    scope: { services: ["catalog-web"] },
    justification: "No load generator.",
    from: at,
    until: later,
    requestedBy: "developer",
    approvedBy: ["compliance"],
    controls: ["canary:PT24H"],
    revokedAt: null,
  },
  type: "no-load-test",
  renews: null,
  renewal: 0,
  requestedAt: at,
  approvals: [{ person: "compliance", at }],
  revoked: null,
  uses: 1,
};

const use: RegisteredUse = {
  deviation: "EX-12",
  kind: "exemption",
  rule: "evidence-fresh",
  deployment,
  verdict: `vrd_${"0".repeat(32)}`,
  gate: "start",
  person: "developer",
  at,
  service: "catalog-web",
  version: "1.1.0",
  environment: "prod-emea",
};

const ticket: EmergencyTicket = {
  id: "EM-7",
  ticket: "INC-42",
  cause: "Checkout is down.",
  service: "checkout-api",
  version: "5.0.1",
  digest,
  environments: ["prod-emea"],
  team: "checkout",
  criteria: [],
  impact: ["catalog-web"],
  openedBy: "developer",
  approvedBy: [{ person: "approver", at, onDuty: true }],
  openedAt: at,
  until: later,
  passesFreezes: [],
};

const debt: RegisteredDebt = {
  id: "DB-4",
  kind: "review",
  team: "checkout",
  emergency: "EM-7",
  since: at,
  dueAt: later,
  paidAt: null,
  paidBy: null,
  evidence: null,
};

const told = { person: "developer", object: "EM-7", sentence: "EM-7 was opened.", at };

/** One of each; `done` hears the name of every operation that changes something. */
export function fakeExemptions(done: (operation: string) => Promise<void>): ExemptionOperations {
  const state = { ticket, debts: [debt], announced: [told] };
  return {
    async requestExemption({ type }) {
      await done("requestExemption");
      if (type !== "no-load-test") return err({ code: "no-such-exemption-type", known: ["no-load-test"] });
      return ok(fakeExemption);
    },
    exemptionTypes: async () => [
      {
        name: "no-load-test",
        rule: "evidence-fresh",
        codes: ["evidence-missing"],
        subjects: ["load-test"],
        scope: { tiers: [2, 3] },
        controls: ["canary:PT24H"],
        maxDuration: Temporal.Duration.from("P90D"),
        renewals: 1,
      },
    ],
    async approveExemption({ id }) {
      await done("approveExemption");
      return id === "EX-12" ? ok(fakeExemption) : err("no-such-exemption");
    },
    async revokeExemption({ id, reason }, { actor }) {
      await done("revokeExemption");
      if (id !== "EX-12") return err("no-such-exemption");
      return ok({ ...fakeExemption, revoked: { at, by: actor.person, reason } });
    },
    async overrideFinding({ rule, reason, lasts }, { actor }) {
      await done("overrideFinding");
      if (rule === "global-stop")
        return err({ code: "not-overridable", finding: "Everything is stopped.", overridable: [] });
      const until = at.add(lasts ?? { hours: 4 });
      const right = "finding.override";
      const code = "outside-window";
      return ok({
        id: "OV-3",
        deployment,
        rule,
        code,
        subjects: [],
        contentDigest: digest,
        by: actor.person,
        right,
        reason,
        at,
        until,
      });
    },
    async openEmergency({ service }) {
      await done("openEmergency");
      return service === "nothing" ? err("no-such-service") : ok(state);
    },
    async approveEmergency({ id }) {
      await done("approveEmergency");
      return id === "EM-7" ? ok(state) : err("no-such-emergency");
    },
    async payDebt({ id, evidence }, { actor }) {
      await done("payDebt");
      if (id !== "DB-4") return err("no-such-debt");
      return ok({ ...debt, paidAt: at, paidBy: actor.person, evidence });
    },
    listExemptions: async () => ({ items: [fakeExemption], next: null }),
    exemption: async (id) => (id === "EX-12" ? { found: fakeExemption, uses: [use] } : null),
    register: async () => ({ exemptions: [fakeExemption], overrides: [], uses: [use] }),
    listOverrides: async () => [],
    emergency: async (id) => (id === "EM-7" ? state : null),
    listEmergencies: async () => [ticket],
    listDebts: async () => [debt],
    listAnnouncements: async () => [told],
  };
}
