import { text, waiting, type World } from "#test/web/fake-world.ts";

/** One exemption, one emergency with its debt, and one pipeline that waits. */
export function fakeDeviationHandlers({ now }: World): Readonly<Record<string, () => unknown>> {
  const at = (hours: number): string => text(now().add({ hours }));
  return {
    listExemptions: () => ({ items: [exemption(at)], next: null }),
    listEmergencies: () => ({ items: [emergency(at)] }),
    listDebts: () => ({
      items: [
        {
          id: "DB-4",
          kind: "review",
          team: "ledger",
          emergency: "EM-7",
          since: at(-30),
          dueAt: at(-6),
          state: "overdue",
          paidAt: null,
          paidBy: null,
          evidence: null,
        },
      ],
    }),
    listGates: () => ({ items: [gate(at)], next: null }),
  };
}

function exemption(at: (hours: number) => string): unknown {
  return {
    id: "EX-12",
    type: "late-load-test",
    state: "in-force",
    rule: "evidence-fresh",
    codes: ["evidence-missing"],
    subjects: ["load-test"],
    scope: { services: ["ledger-core"] },
    justification: "The load generator is being moved.",
    controls: ["canary at 5 % for an hour"],
    from: at(-50),
    until: at(40),
    renews: null,
    renewal: 0,
    requestedBy: "carol",
    requestedAt: at(-60),
    approvals: [{ person: "erin", at: at(-55) }],
    revoked: null,
    uses: 2,
  };
}

function emergency(at: (hours: number) => string): unknown {
  return {
    id: "EM-7",
    state: "permitted",
    ticket: "INC-991",
    cause: "Payments fail for one bank.",
    service: "ledger-core",
    version: "2.7.5",
    digest: null,
    environments: ["prod-emea"],
    team: "ledger",
    criteria: ["customers-affected"],
    impact: ["invoice-batch", "fraud-svc"],
    passesFreezes: [],
    openedBy: "dave",
    openedAt: at(-2),
    approvals: [{ person: "erin", at: at(-1), onDuty: true }],
    until: at(3),
  };
}

function gate(at: (hours: number) => string): unknown {
  return {
    id: `gat_${"7".repeat(32)}`,
    deployment: waiting,
    state: "parked",
    service: "ledger-core",
    version: "2.8.0",
    digest: `sha256:${"7c3e5a1f".repeat(8)}`,
    environment: "prod-emea",
    action: "deploy",
    class: "normal",
    whenDenied: "park",
    requestedBy: "carol",
    account: "ci@corp",
    run: "jenkins:ledger/42",
    runUrl: null,
    callback: null,
    requestedAt: at(-3),
    startedAt: null,
    endedAt: null,
    reason: "Waits for one more approval.",
    link: `/deployments/${waiting}`,
    opensAt: at(15),
    pollAfter: 60,
    token: { state: "none", expiresAt: null, usedAt: null, reason: null },
    leaseExpiresAt: null,
    result: null,
    verdict: null,
  };
}
