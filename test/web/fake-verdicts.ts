import { z } from "zod";
import type { BacktestPage, PolicyLine } from "#web/policy/policies.ts";
import type { VerdictOutline } from "#web/policy/questions.ts";
import type { Hold, Signal, Stop } from "#web/release/holds.ts";
import { allowed, blocked, failing, idOf, text, waiting, type World } from "#test/web/fake-world.ts";

/** What people have stopped; one test changes it and the pages follow. */
export interface Brakes {
  readonly stops: Stop[];
  readonly holds: Hold[];
}

export const stopId = `stp_${"5".repeat(32)}`;
export const holdId = `hld_${"6".repeat(32)}`;

export function makeBrakes(now: Temporal.Instant): Brakes {
  const ago = (hours: number): string => text(now.subtract({ hours }));
  return {
    stops: [],
    holds: [
      {
        id: holdId,
        scope: { services: ["ledger-core"], environments: ["prod-*"] },
        reason: "The quarter is being closed; ask finance first.",
        by: "carol",
        since: ago(5),
        until: null,
        liftedBy: "ledger",
        inForce: true,
        ended: null,
      },
    ],
  };
}

export function aStop(now: Temporal.Instant): Stop {
  return {
    id: stopId,
    reason: "Fire in a data centre.",
    by: "erin",
    since: text(now.subtract({ minutes: 4 })),
    until: null,
    allowsRollBack: true,
    inForce: true,
    ended: null,
  };
}

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const asking = z.object({
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  at: z.string().optional(),
});
const ending = z.object({ reason: z.string() });
const placing = z.object({ scope: z.record(z.string(), z.array(z.string())), reason: z.string() });

/** The window opens after this many hours; from then on only what somebody has to do is in the way. */
const opensAfterHours = 15.2;

export function fakeVerdictHandlers(
  world: World,
  brakes: Brakes,
): Readonly<Record<string, (request: Request) => unknown>> {
  return {
    ...verdictHandlers(world),
    ...brakeHandlers(world, brakes),
    ...policyHandlers(world),
    ...noticeHandlers(world),
  };
}

function verdictHandlers({ now }: World): ReturnType<typeof fakeVerdictHandlers> {
  return {
    askVerdict: ({ body }) => {
      const { service, version, environment, at } = asking.parse(body);
      if (!environment.startsWith("prod")) return allowed(now(), service, version, environment);
      const verdict = blocked(now(), service, version, environment);
      if (at === undefined) return verdict;
      const asked = Temporal.Instant.from(at);
      const isOpen = asked.epochMilliseconds > now().epochMilliseconds + opensAfterHours * 3_600_000;
      const findings = verdict.findings.map((one) =>
        isOpen && one.rule === "inside-window"
          ? { ...one, outcome: "pass" as const, code: "inside", sentence: "prod-weekend is open.", until: null }
          : one,
      );
      return { ...verdict, at, findings };
    },
    outlineVerdict: () => outlineFrom(now()),
  };
}

function outlineFrom(now: Temporal.Instant): VerdictOutline {
  const at = (hours: number): string => text(now.add({ seconds: Math.round(hours * 3600) }));
  const end = 14 * 24;
  const opens = Array.from({ length: 13 }, (_, day) => opensAfterHours + day * 24).filter((_, day) => day % 6 !== 2);
  type Lane = VerdictOutline["lanes"][number];
  const windows: Lane["stretches"] = [];
  let cursor = 0;
  for (const open of opens) {
    windows.push({ from: at(cursor), to: at(open), course: "waits", sentence: "No window is open." });
    windows.push({ from: at(open), to: at(open + 3), course: "passes", sentence: "prod-weekend is open." });
    windows.push({ from: at(open + 3), to: at(open + 4), course: "too-short", sentence: "A run no longer fits." });
    cursor = open + 4;
  }
  windows.push({ from: at(cursor), to: at(end), course: "waits", sentence: "No window is open." });
  const throughout = (course: "passes" | "stops", sentence: string): Lane["stretches"] => [
    { from: at(0), to: at(end), course, sentence },
  ];
  const degraded: Lane["stretches"] = [
    { from: at(0), to: at(30), course: "stops", sentence: "fraud-svc is degraded in prod-emea." },
    { from: at(30), to: at(end), course: "passes", sentence: "Nothing that it needs is degraded." },
  ];
  const lanes = [
    { rule: "inside-window", stretches: windows },
    { rule: "approved-by-another", stretches: throughout("stops", "1 of 2 approvals.") },
    { rule: "dependency-degraded", stretches: degraded },
    { rule: "artifact-known", stretches: throughout("passes", "The artifact is registered.") },
    { rule: "lock-free", stretches: throughout("passes", "Nobody holds the environment.") },
  ].map((lane) => ({ ...lane, ruleVersion: "3", cutAt: null }));
  return {
    from: at(0),
    to: at(end),
    lanes,
    joint: [{ from: at(0), to: at(end), course: "stops" }],
    openings: [],
  };
}

function brakeHandlers({ now }: World, brakes: Brakes): ReturnType<typeof fakeVerdictHandlers> {
  const inForce = (all: string | null) => (one: { readonly inForce: boolean }) => all === "all" || one.inForce;
  const end = <One extends Stop | Hold>(list: One[], id: string | undefined, reason: string): One => {
    const place = list.findIndex((one) => one.id === id);
    const found = list[place];
    if (found === undefined) throw new Error("nothing to end");
    const ended = { ...found, inForce: false, ended: { at: text(now()), by: "ana", reason } };
    list[place] = ended;
    return ended;
  };
  return {
    listStops: ({ query }) => ({ items: brakes.stops.filter(inForce(query.get("show"))), next: null }),
    listHolds: ({ query }) => ({ items: brakes.holds.filter(inForce(query.get("show"))), next: null }),
    resumeAll: ({ params, body }) => end(brakes.stops, params["id"], ending.parse(body).reason),
    liftHold: ({ params, body }) => end(brakes.holds, params["id"], ending.parse(body).reason),
    placeHold: ({ body }) => {
      const { scope, reason } = placing.parse(body);
      const id = `hld_${String(brakes.holds.length).repeat(32).slice(0, 32)}`;
      const hold: Hold = {
        id,
        scope,
        reason,
        by: "ana",
        since: text(now()),
        until: null,
        liftedBy: "ana",
        inForce: true,
        ended: null,
      };
      brakes.holds.unshift(hold);
      return hold;
    },
    listReporters: () => ({ items: [], left: 0 }),
    listReports: () => ({
      items: [signal(now(), "fraud-svc", "degraded"), signal(now(), "pricing-svc", "ok")],
      next: null,
    }),
  };
}

function signal(now: Temporal.Instant, service: string, status: Signal["report"]["status"]): Signal {
  const at = text(now.subtract({ minutes: 20 }));
  return {
    kind: "signal",
    id: `rep_${service}`,
    receivedAt: at,
    reportedBy: "monitor",
    account: "monitor@corp",
    report: { service, environment: "prod-emea", status, ref: null, source: "status-page", at },
  };
}

const versions = ["a1", "b2"].map((pair) => `sha256:${pair.repeat(32)}`);
const documentOf = (version: string | undefined): string =>
  [
    "kind: Policy",
    "metadata: { name: payments-evidence }",
    "spec:",
    "  level: central",
    "  owner: compliance",
    "  scope: { units: [finance] }",
    "  evidence:",
    `    - { kind: coverage, min: ${version === versions[1] ? 70 : 80} }`,
    "    - { kind: load-test, maxAge: P30D }",
    ...(version === versions[1] ? [] : ["  ticket: { states: [approved] }"]),
    "",
  ].join("\n");

function policyHandlers({ now }: World): ReturnType<typeof fakeVerdictHandlers> {
  const ago = (days: number): string => text(now().subtract({ hours: 24 * days }));
  const line = (): PolicyLine => ({
    name: "payments-evidence",
    level: "central",
    owner: "compliance",
    scope: { units: ["finance"] },
    version: versions[0] ?? "",
    appliedAt: ago(9),
    appliedBy: "erin",
    from: null,
    until: null,
    inForce: true,
    unreadable: null,
    serviceCount: 3,
    rules: ["evidence-fresh", "ticket-linked"],
    clauses: 0,
    bounds: [{ setting: "evidence.coverage.min", least: 70, most: 95 }],
  });
  const broken = (): PolicyLine => ({
    ...line(),
    name: "old-clauses",
    level: null,
    owner: null,
    scope: null,
    unreadable: "spec.clauses[0]: there is no variable `riks`.",
    rules: ["policy-clauses"],
    bounds: [],
  });
  return {
    listPolicies: () => ({ items: [line(), broken()] }),
    showPolicy: ({ query }) => {
      const version = query.get("version") ?? versions[0] ?? "";
      return {
        ...line(),
        version,
        text: documentOf(version),
        place: "policies/payments.yaml:1:1",
        services: ["ledger-core", "invoice-batch", "fraud-svc"],
        versions: versions.map((one, index) => ({
          version: one,
          from: ago(index === 0 ? 9 : 120),
          to: index === 0 ? null : ago(9),
          appliedBy: index === 0 ? "erin" : "carol",
          place: "policies/payments.yaml:1:1",
        })),
      };
    },
    backTestPolicies: ({ body }) => backtestPage(now(), z.object({ cursor: z.string().optional() }).parse(body).cursor),
  };
}

/** Two answers: the first has more to come. */
function backtestPage(now: Temporal.Instant, cursor: string | undefined): BacktestPage {
  const tally = { count: 1, failed: 1, fixes: 0 };
  const none = { count: 0, failed: 0, fixes: 0 };
  const isFirst = cursor === undefined;
  return {
    draft: [{ kind: "Freeze", name: "quarter-end", change: "added" }],
    ignored: [],
    total: 300,
    judged: isFirst ? 200 : 100,
    deployments: isFirst ? 40 : 20,
    replay: { comparable: 100, reproduced: 100, different: [], olderRules: 3, olderZoneData: 0, unreadable: [] },
    changes: [
      {
        kind: isFirst ? "newly-blocked" : "delayed",
        verdict: isFirst ? "vdt_1" : "vdt_2",
        deployment: isFirst ? failing : idOf(0x1001),
        service: "pricing-svc",
        version: "3.3.0",
        environment: "prod-apac",
        at: text(now.subtract({ hours: isFirst ? 200 : 90 })),
        was: "allow",
        would: isFirst ? "deny" : "wait",
        wasOpensAt: null,
        wouldOpensAt: null,
        delaySeconds: isFirst ? null : 5400,
        because: [
          { rule: "freeze-in-force", code: "hard-freeze", sentence: "The hard freeze quarter-end is in force." },
        ],
        state: "rolled-back",
        failed: isFirst,
        fix: !isFirst,
      },
    ],
    summary: {
      deployments: isFirst ? 40 : 20,
      same: isFirst ? 39 : 19,
      byKind: {
        "newly-blocked": isFirst ? tally : none,
        delayed: isFirst ? none : { count: 1, failed: 0, fixes: 1 },
        "newly-allowed": none,
        earlier: none,
        other: none,
      },
      byRule: [],
      delay: { count: 0, p50Seconds: null, maxSeconds: null, meanSeconds: 0, withoutOpening: 0 },
      sentences: [],
    },
    next: isFirst ? "more" : null,
  };
}

function noticeHandlers({ now }: World): ReturnType<typeof fakeVerdictHandlers> {
  return {
    listNotices: ({ query }) => {
      const isAbout = query.get("deployment") === waiting || query.get("person") === "ana";
      const notice = {
        deployment: waiting,
        person: "ana",
        at: text(now().subtract({ minutes: 6 })),
        verdict: "vdt_9",
        was: { verdict: "wait", opensAt: text(now().add({ hours: 15 })) },
        is: { verdict: "deny", opensAt: null },
        because: [{ rule: "dependency-degraded", sentence: "fraud-svc is degraded in prod-emea." }],
      };
      return { items: isAbout ? [notice] : [], next: null };
    },
  };
}
