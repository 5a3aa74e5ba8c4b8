import { z } from "zod";
import { overrideFinding, requestExemption } from "#contract/exemption.ts";
import { openEmergency, payDebt } from "#contract/emergency.ts";
import type { Debt, Emergency, Exemption } from "#web/exemption/queries.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { text, waiting, type World } from "#test/web/fake-world.ts";

/** What is let through and owed; tests change it through the pages. */
export interface Deviations {
  readonly exemptions: Exemption[];
  readonly emergencies: Emergency[];
  readonly debts: Debt[];
}

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

type Handlers = Readonly<Record<string, (request: Request) => unknown>>;

export function makeDeviations(now: Temporal.Instant): Deviations {
  const at = (hours: number): string => text(now.add({ hours }));
  return {
    exemptions: [exemption(at), { ...exemption(at), ...asked(at) }],
    emergencies: [emergency(at), { ...emergency(at), ...opened(at) }],
    debts: [debt(at)],
  };
}

const type = {
  name: "late-load-test",
  rule: "evidence-fresh",
  codes: ["evidence-missing", "evidence-stale"],
  subjects: ["load-test", "coverage"],
  scope: { units: ["finance"] },
  controls: ["canary:PT24H"],
  maxDuration: "P30D",
  renewals: 1,
};

/** Exemptions, emergencies and debts, and one pipeline that waits. */
export function fakeDeviationHandlers({ now }: World, deviations: Deviations): Handlers {
  const at = (hours: number): string => text(now().add({ hours }));
  return {
    listExemptionTypes: () => ({ items: [type] }),
    listExemptions: ({ query }) => ({
      items: deviations.exemptions.filter(({ state }) => query.get("show") === "all" || !isOver(state)),
      next: null,
    }),
    requestExemption: ({ body }) => {
      const wish = requestExemption.body.parse(body);
      const days = now().until(Temporal.Instant.from(wish.until)).total("hours") / 24;
      if (days > 30) {
        const why = "exemptions of the type late-load-test last P30D at most. Name an earlier end.";
        throw new Refused(422, "too-long", `Nothing was requested: ${why}`);
      }
      const [services] = [wish.scope.services ?? []];
      if (services.includes("nowhere")) {
        const why = "no service of the configuration is in that scope. Correct the names.";
        throw new Refused(422, "exempts-nothing", `Nothing was requested: ${why}`);
      }
      const made: Exemption = {
        ...exemption(at),
        ...asked(at),
        id: `EX-${20 + deviations.exemptions.length}`,
        requestedBy: "ana",
        justification: wish.justification,
        until: wish.until,
        scope: wish.scope,
      };
      deviations.exemptions.unshift(made);
      return made;
    },
    ...decidingHandlers(now, deviations),
    listGates: () => ({ items: [gate(at)], next: null }),
  };
}

function decidingHandlers(now: () => Temporal.Instant, deviations: Deviations): Handlers {
  const at = (hours: number): string => text(now().add({ hours }));
  return {
    approveExemption: ({ params }) =>
      changed(deviations.exemptions, params["id"], (one): Exemption => ({
        ...one,
        state: "in-force",
        approvals: [...one.approvals, { person: "ana", at: at(0) }],
      })),
    revokeExemption: ({ params, body }) =>
      changed(deviations.exemptions, params["id"], (one): Exemption => ({
        ...one,
        state: "revoked",
        revoked: { at: at(0), by: "ana", reason: z.object({ reason: z.string() }).parse(body).reason },
      })),
    overrideFinding: ({ params, body }) => {
      const { rule, reason } = overrideFinding.body.parse(body);
      if (reason === "mine")
        throw new Refused(403, "own-work", "You wrote what would be deployed. Another must decide.");
      const by = { by: "ana", right: "finding.override" };
      const what = { deployment: params["id"], rule, code: "outside-window", subjects: [] };
      return { id: "OV-3", ...what, contentDigest: "sha256:1", ...by, reason, at: at(0), until: at(4) };
    },
    openEmergency: ({ body }) => {
      const wish = openEmergency.body.parse(body);
      if (wish.passesFreezes.includes("nope"))
        throw new Refused(404, "no-such-freeze", "Nothing was opened: no freeze is called nope. Correct the name.");
      const made: Emergency = { ...emergency(at), ...opened(at), ...wish, id: "EM-9", openedBy: "ana" };
      deviations.emergencies.unshift(made);
      return { ...made, debts: [], announcements: [] };
    },
    approveEmergency: ({ params }) => {
      const approval = { person: "ana", at: at(0), onDuty: true };
      const one = changed(deviations.emergencies, params["id"], (before): Emergency => ({
        ...before,
        state: "permitted",
        until: at(2),
        approvals: [...before.approvals, approval],
      }));
      return { ...one, debts: [], announcements: [] };
    },
    listEmergencies: () => ({ items: deviations.emergencies }),
    listDebts: ({ query }) => ({
      items: deviations.debts.filter(({ state }) => query.get("show") === "all" || state !== "paid"),
    }),
    payDebt: ({ params, body }) =>
      changed(deviations.debts, params["id"], (one): Debt => ({
        ...one,
        state: "paid",
        paidAt: at(0),
        paidBy: "ana",
        evidence: payDebt.body.parse(body).evidence,
      })),
  };
}

function isOver(state: Exemption["state"]): boolean {
  return state === "ended" || state === "revoked";
}

function changed<One extends { readonly id: string }>(
  list: One[],
  id: string | undefined,
  change: (one: One) => One,
): One {
  const place = list.findIndex((one) => one.id === id);
  const found = list[place];
  if (found === undefined) throw new Refused(404, "no-such-thing", `There is no ${id}.`);
  const next = change(found);
  list[place] = next;
  return next;
}

function exemption(at: (hours: number) => string): Exemption {
  return {
    id: "EX-12",
    type: "late-load-test",
    state: "in-force",
    rule: "evidence-fresh",
    codes: ["evidence-missing"],
    subjects: ["load-test"],
    scope: { services: ["ledger-core"] },
    justification: "The load generator is being moved.",
    controls: ["canary:PT24H"],
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

const asked = (at: (hours: number) => string): Partial<Exemption> => ({
  id: "EX-14",
  state: "requested",
  justification: "The test data of the quarter is not there yet.",
  from: at(-2),
  until: at(160),
  approvals: [],
  uses: 0,
});

function emergency(at: (hours: number) => string): Emergency {
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

const opened = (at: (hours: number) => string): Partial<Emergency> => ({
  id: "EM-8",
  state: "opened",
  ticket: "INC-992",
  cause: "The ledger books one account twice.",
  version: "2.7.6",
  openedAt: at(-1),
  approvals: [],
  until: null,
});

function debt(at: (hours: number) => string): Debt {
  return {
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
