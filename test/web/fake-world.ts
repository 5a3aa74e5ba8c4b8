import type { z } from "zod";
import type { matrixCell, trafficSeries } from "#contract/release.ts";
import type { auditEntry } from "#contract/audit.ts";
import type { finding } from "#contract/verdict.ts";
import type { DeploymentDetail, TimelineEvent } from "#web/release/deployment.ts";
import type { Verdict } from "#web/policy/verdict.ts";

type Sample = z.infer<typeof trafficSeries>["samples"][number];
export type Finding = z.infer<typeof finding>;
export type Cell = z.infer<typeof matrixCell>;
export type Entry = z.infer<typeof auditEntry>;

export const environments = [
  { name: "staging", zone: "Europe/Berlin", protected: false },
  { name: "prod-emea", zone: "Europe/Berlin", protected: true },
  { name: "prod-apac", zone: "Asia/Tokyo", protected: true },
  { name: "prod-amer", zone: "America/New_York", protected: true },
];
export const services = [
  { name: "checkout-api", team: "checkout", unit: "retail", tier: 1 },
  { name: "checkout-web", team: "checkout", unit: "retail", tier: 2 },
  { name: "pricing-svc", team: "pricing", unit: "retail", tier: 1 },
  { name: "catalog-search", team: "discovery", unit: "retail", tier: 2 },
  { name: "ledger-core", team: "ledger", unit: "finance", tier: 1 },
  { name: "invoice-batch", team: "ledger", unit: "finance", tier: 3 },
  { name: "fraud-svc", team: "risk", unit: "finance", tier: 1 },
  { name: "notify-mail", team: "platform", unit: "shared", tier: 3 },
  { name: "identity-gateway", team: "platform", unit: "shared", tier: 1 },
];

/** A world that one test changes and the pages follow. Seconds are counted back from `now`. */
export interface World {
  readonly now: () => Temporal.Instant;
  readonly deployments: Map<string, DeploymentDetail>;
  readonly samples: Map<string, Sample[]>;
  readonly cells: Cell[];
  readonly audit: Entry[];
}

export const idOf = (number: number): string => `dep_${number.toString(16).padStart(32, "0")}`;
export const running = idOf(0xa1);
export const failing = idOf(0xb2);
export const waiting = idOf(0xc3);
export const queued = idOf(0xd4);

const digest = `sha256:${"7c3e5a1f".repeat(8)}`;
export const text = (at: Temporal.Instant): string => at.toString({ smallestUnit: "second" });

function aFinding(outcome: Finding["outcome"], rule: string, sentence: string, more: Partial<Finding> = {}): Finding {
  return { rule, ruleVersion: "3", outcome, code: rule, sentence, until: null, evidence: [], remedies: [], ...more };
}

const subject = (service: string, version: string, environment: string): Verdict["subject"] => ({
  service,
  version,
  environment,
  action: "deploy",
  class: "normal",
  invoker: "person",
  requestedBy: "carol",
  contentDigest: digest,
  onBehalfOf: null,
});

export function allowed(at: Temporal.Instant, service: string, version: string, environment: string): Verdict {
  return {
    verdict: "allow",
    at: text(at),
    subject: subject(service, version, environment),
    findings: [
      aFinding("pass", "inside-window", `A window for ${environment} is open.`),
      aFinding("pass", "freeze-in-force", "No freeze covers the environment."),
      aFinding("pass", "approved-by-another", "Approved by bob."),
      aFinding("pass", "artifact-known", "The artifact is registered."),
      aFinding("pass", "lock-free", "Nobody holds the environment."),
      aFinding("not-applicable", "dependencies-live", "The service depends on nothing."),
    ],
    nextOpening: text(at),
    openings: [{ from: text(at), to: text(at.add({ hours: 3 })) }],
    counterfactuals: [],
    factsDigest: digest,
    zoneData: "2026c",
  };
}

export function blocked(at: Temporal.Instant, service: string, version: string, environment: string): Verdict {
  const opening = at.add({ hours: 15, minutes: 12 });
  const day = (days: number) => ({
    from: text(opening.add({ hours: 24 * days })),
    to: text(opening.add({ hours: 24 * days + 4 })),
  });
  return {
    verdict: "deny",
    at: text(at),
    subject: subject(service, version, environment),
    findings: [
      aFinding("pass", "artifact-known", "The artifact is registered."),
      aFinding("wait", "inside-window", `No window for ${environment} is open; prod-weekend opens next.`, {
        code: "outside-window",
        until: text(opening),
        evidence: [{ kind: "window", ref: "window/prod-weekend", text: "window prod-weekend" }],
        remedies: [{ who: "nobody", what: `Wait until ${text(opening)}.`, kind: "wait" }],
      }),
      aFinding("deny", "approved-by-another", "1 of 2 approvals; a person of the ledger team has not decided.", {
        evidence: [{ kind: "policy", ref: "payments-evidence", text: "policy payments-evidence" }],
        remedies: [{ who: "team ledger", what: `approve ${service} ${version}`, kind: "approve" }],
      }),
      aFinding("deny", "evidence-fresh", "Load-test is missing; demanded by policy payments-evidence.", {
        code: "evidence-missing",
        evidence: [{ kind: "policy", ref: "payments-evidence", text: `policy payments-evidence, ${digest}` }],
        remedies: [{ who: "team ledger", what: `Supply load-test on ${digest}.`, kind: "supply-evidence" }],
      }),
      aFinding("deny", "debts-settled", "The review of EM-7 is overdue for 2 d or more.", {
        code: "debts-stop",
        evidence: [{ kind: "debt", ref: "DB-4", text: "review of EM-7" }],
        remedies: [{ who: "team ledger", what: "Pay the debt DB-4 (review).", kind: "change" }],
      }),
      aFinding("hold", "dependency-degraded", "fraud-svc is degraded in prod-emea.", {
        remedies: [{ who: "team risk", what: "clear the signal on fraud-svc", kind: "clear-signal" }],
      }),
      aFinding("pass", "freeze-in-force", "No freeze covers the environment."),
      aFinding("pass", "lock-free", "Nobody holds the environment."),
      aFinding("not-applicable", "versions-compatible", "The change carries no migration."),
    ],
    nextOpening: null,
    openings: [day(0), day(1), day(7)],
    counterfactuals: [
      {
        remedies: [`team ledger: approve ${service} ${version}`, "team risk: clear the signal on fraud-svc"],
        steps: [
          { rule: "approved-by-another", kind: "approve", who: "team ledger", what: `approve ${service} ${version}` },
          {
            rule: "dependency-degraded",
            kind: "clear-signal",
            who: "team risk",
            what: "clear the signal on fraud-svc",
          },
        ],
        opensAt: text(opening),
      },
    ],
    factsDigest: digest,
    zoneData: "2026c",
  };
}

interface Sketch extends Partial<DeploymentDetail> {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}

const nobody = (name: string, because: string) => ({ name, allowed: false, because });

export function aDeployment(now: Temporal.Instant, sketch: Sketch): DeploymentDetail {
  const isOpen = ["waiting", "queued", "running"].includes(sketch.state ?? "succeeded");
  return {
    action: "deploy",
    state: "succeeded",
    headline: `${sketch.service} ${sketch.version} is live in ${sketch.environment}, verified at the target.`,
    percent: 100,
    control: "1.0.0",
    requestedBy: "bob",
    requestedAt: text(now.subtract({ minutes: 3 })),
    startedAt: text(now.subtract({ minutes: 3 })),
    endedAt: isOpen ? null : text(now),
    opensAt: null,
    asOf: text(now),
    digest,
    contentDigest: digest,
    fence: 41,
    outcome: null,
    verdict: allowed(now.subtract({ minutes: 3 }), sketch.service, sketch.version, sketch.environment),
    timeline: [],
    approvals: [],
    queue: null,
    actions: isOpen
      ? [
          nobody("approve", "The deployment has started; abort it instead."),
          nobody("reject", "The deployment has started; abort it instead."),
          { name: "abort", allowed: true, because: "" },
          nobody("roll-back", "The deployment has not ended; abort it instead."),
        ]
      : [
          nobody("abort", "The deployment has ended."),
          (sketch.state ?? "succeeded") === "succeeded"
            ? { name: "roll-back", allowed: true, because: "" }
            : nobody("roll-back", `Only what succeeded can be rolled back; this ended as ${sketch.state}.`),
        ],
    ...sketch,
  };
}

type Line = Pick<TimelineEvent, "step" | "name" | "sentence"> & {
  readonly phase?: TimelineEvent["phase"];
  readonly percent?: number;
};

/** Appends a line; `seq` counts up. */
export function tell(deployment: DeploymentDetail, at: Temporal.Instant, line: Line): void {
  const { percent, phase = "done", ...rest } = line;
  const seq = deployment.timeline.length + 1;
  deployment.timeline.push({ seq, at: text(at), phase, detail: percent === undefined ? null : { percent }, ...rest });
}

export const opening: readonly Line[] = [
  { step: "judge", name: "judge at the start", sentence: "Allowed: all 5 rules pass." },
  { step: "lock", name: "take the lock", sentence: "Holds the lock on prod-emea, fencing number 41." },
  {
    step: "preflight",
    name: "preflight",
    sentence: "Preflight passed: agent reachable, former version live, room for one more.",
  },
  {
    step: "start-version",
    name: "start version",
    sentence: "The new version is ready beside the former one, without traffic.",
  },
  { step: "smoke", name: "smoke test", sentence: "Smoke test passed: health, order, refund." },
];

/** A number in [0, 1) from two others: the same noise in every run. */
export function noise(at: number, salt: number): number {
  const mixed = Math.sin(at * 12.9898 + salt * 78.233) * 43_758.5453;
  return mixed - Math.floor(mixed);
}

/** Traffic of one second: 40 requests shared by the arms. */
export function secondOf(at: number, percent: number, canaryErrors: number): Sample[] {
  const canary = Math.round((40 * percent) / 100);
  const arm = (name: Sample["arm"], requests: number, rate: number, p95: number, salt: number): Sample => ({
    second: at,
    arm: name,
    requests,
    errors: Math.min(requests, Math.floor(requests * rate + noise(at, salt))),
    p95Ms: requests === 0 ? null : p95 + noise(at, salt + 1) * 9,
  });
  return [arm("control", 40 - canary, 0.002, 38, 1), arm("canary", canary, canaryErrors, 36 + canaryErrors * 260, 3)];
}
