import { z } from "zod";
import type { Run, RunStep } from "#web/plan/run.ts";
import type { Forecast, WavePlan } from "#web/waves/queries.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { running as releasing, text } from "#test/web/fake-world.ts";

/** A run of waves in the middle of its way. */
export const wavesRun = `run_${"e".repeat(32)}`;

const plan: WavePlan = {
  name: "checkout-world",
  version: `sha256:${"9a".repeat(32)}`,
  owner: "payments",
  summary: "Checkout goes round the world, the quiet regions first.",
  growth: [1, 3],
  soak: 1800,
  health: "reported",
  overseer: "release-manager",
  service: "checkout-api",
  regions: [
    { name: "emea", environments: ["prod-emea-1", "prod-emea-2"] },
    { name: "amer", environments: ["prod-amer"] },
    { name: "apac", environments: ["prod-apac"] },
  ],
  mixLimit: 24 * 3600,
  whenFailed: "take-back",
};
const other: WavePlan = {
  ...plan,
  name: "ledger-at-home",
  summary: "",
  overseer: null,
  service: "ledger-core",
  regions: [{ name: "emea", environments: ["prod-emea-1"] }],
  mixLimit: null,
  health: "own-checks",
};

const zones: Readonly<Record<string, string>> = {
  "prod-emea-1": "Europe/Berlin",
  "prod-emea-2": "Europe/Berlin",
  "prod-amer": "America/New_York",
  "prod-apac": "Asia/Tokyo",
};

const asking = z.object({
  version: z.string(),
  order: z.array(z.string()).nullable().optional(),
  risk: z.enum(["low", "high"]).nullable().optional(),
});

/** 9.9.9 mixes for too long unless apac goes first, 8.8.8 has no opening; every other version fits. */
function forecastOf(now: Temporal.Instant, body: unknown): Forecast {
  const { version, order, risk } = asking.parse(body);
  const regions = order ?? plan.regions.map(({ name }) => name);
  const kind = version === "8.8.8" ? "closed" : version === "9.9.9" && regions[0] !== "apac" ? "long" : "fits";
  const ordered = regions.flatMap((name) => plan.regions.find((region) => region.name === name) ?? []);
  const sizes = ordered.flatMap((region) =>
    region.name === "emea"
      ? [
          { region: "emea", environments: ["prod-emea-1"] },
          { region: "emea", environments: ["prod-emea-2"] },
        ]
      : [{ region: region.name, environments: region.environments }],
  );
  const waves = sizes.map(({ region, environments }, place) => ({
    region,
    targets: environments.map((environment) => {
      const opens = now.add({ hours: 1 + place * (kind === "long" ? 14 : 4) });
      const openings = [0, 24, 48].map((hours) => ({
        from: text(opens.add({ hours })),
        to: text(opens.add({ hours: hours + 3 })),
      }));
      const times = { from: text(opens), to: text(opens.add({ minutes: 40 })) };
      const none = { from: null, to: null };
      return { environment, zone: zones[environment] ?? "UTC", openings, ...(kind === "closed" ? none : times) };
    }),
  }));
  const headlines = {
    fits: `checkout-api@${version} goes in ${waves.length} waves and is everywhere tomorrow; old and new run beside each other for 12 h 40 min.`,
    long: "Old and new would run beside each other for 42 h 40 min at least, 24 h is allowed. In the order apac, emea, amer it fits.",
    closed: "prod-apac has no opening in its place. The freeze year-end lasts until 4 January.",
  };
  return {
    plan,
    version,
    risk: risk ?? "high",
    at: text(now),
    fits: kind === "fits",
    headline: headlines[kind],
    waves,
    mix: kind === "closed" ? null : 45_600,
    offers:
      kind === "long" ? [{ order: ["apac", "emea", "amer"], ends: text(now.add({ hours: 20 })), mix: 45_600 }] : [],
    obstacles: kind === "closed" ? ["The freeze year-end lasts until 4 January.", "Nobody covers apac at night."] : [],
    actions: [{ name: "start", allowed: kind === "fits", because: kind === "fits" ? "" : "It does not fit." }],
  };
}

type MakeStep = (given: Pick<RunStep, "name" | "kind" | "does"> & Partial<RunStep>) => RunStep;

export function aWavesRun(now: Temporal.Instant, like: Run, step: MakeStep): Run {
  const ago = (minutes: number): string => text(now.subtract({ minutes }));
  const pending = (what: string) => ({ what, until: null, afterwards: null });
  const deploy = (environment: string, column: number, more: Partial<RunStep> = {}): RunStep =>
    step({
      name: `deploy-${environment}`,
      kind: "sub-release",
      does: `Deploy checkout-api@5.2.0 to ${environment}.`,
      release: { service: "checkout-api", version: "5.2.0", environment },
      column,
      ...more,
    });
  const soak = (environment: string, column: number, more: Partial<RunStep> = {}): RunStep =>
    step({
      name: `soak-${environment}`,
      kind: "stay-healthy",
      does: `Let 1800 s pass in which checkout-api@5.2.0 is well in ${environment}.`,
      after: [`deploy-${environment}`],
      column,
      ...more,
    });
  const well = { state: "done", outcome: "It was well.", begunAt: ago(150), endedAt: ago(120) } as const;
  const steps = [
    deploy("prod-emea-1", 0, { state: "done", begunAt: ago(180), endedAt: ago(150), deployment: releasing }),
    soak("prod-emea-1", 1, well),
    deploy("prod-emea-2", 2, { state: "done", begunAt: ago(60), endedAt: ago(12), deployment: releasing }),
    soak("prod-emea-2", 3, {
      state: "running",
      begunAt: ago(12),
      deadline: text(now.add({ minutes: 22 })),
      waitsFor: pending("checkout-api to be well in prod-emea-2 for 18 min more."),
    }),
    deploy("prod-amer", 4, { waitsFor: pending("The end of soak-prod-emea-2.") }),
    soak("prod-amer", 5, { waitsFor: pending("The end of deploy-prod-amer.") }),
    deploy("prod-apac", 6, { waitsFor: pending("The end of soak-prod-amer.") }),
    soak("prod-apac", 7, { waitsFor: pending("The end of deploy-prod-apac.") }),
  ];
  return {
    ...like,
    id: wavesRun,
    of: "wave-plan",
    runbook: plan.name,
    version: plan.version,
    reason: "The quarterly release.",
    overrun: null,
    overseer: { asked: "release-manager", person: "eve", since: ago(180) },
    findings: [],
    headline: "Under way: soak-prod-emea-2.",
    startedAt: ago(185),
    latestRollbackStart: text(now.add({ hours: 20 })),
    deadline: text(now.add({ hours: 21 })),
    isNewest: true,
    steps,
    timeline: [],
  };
}

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function fakeWaveHandlers(
  now: () => Temporal.Instant,
  begin: () => Run,
): Readonly<Record<string, (request: Request) => unknown>> {
  return {
    listWavePlans: () => ({ items: [plan, other] }),
    forecastWaves: ({ body }) => forecastOf(now(), body),
    startWaves: ({ body }) => {
      const { owner } = z.object({ owner: z.string().nullable() }).parse(body);
      if (owner === "nobody") throw new Refused(404, "no-such-person", "There is no person nobody.");
      return begin();
    },
  };
}
