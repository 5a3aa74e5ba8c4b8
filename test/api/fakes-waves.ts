import { err, ok } from "#core/result.ts";
import type { WavePlan } from "#core/waves/wave-plan.ts";
import { fakePlans, fakeRunId } from "#test/api/fakes-plans.ts";
import type { WaveForecast, WaveOperations } from "#usecases/waves/wave-operations.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const hour = 3_600_000;

const plan: WavePlan = {
  name: "world",
  version: `sha256:${"d".repeat(64)}`,
  owner: "checkout",
  summary: "Round the world.",
  overseer: null,
  service: "checkout-api",
  regions: [
    { name: "emea", environments: ["prod-emea"] },
    { name: "apac", environments: ["prod-apac"] },
  ],
  growth: null,
  soak: { seconds: 1800, isReported: true },
  mixLimitSeconds: 24 * 3600,
  targetSeconds: 1800,
  whenFailed: "take-back",
};

/** One plan; version 3.0.0 mixes for too long, and 4.0.0 has no opening. */
export function fakeWaves(done: (operation: string) => Promise<void>): WaveOperations {
  const forecast = (version: string): WaveForecast => {
    const startMs = at.epochMilliseconds;
    const targets = plan.regions.flatMap(({ environments }) => environments);
    const fit = {
      waves: targets.map((environment, n) => {
        const fromMs = startMs + n * 30 * hour;
        return [{ environment, startMs: fromMs, endMs: fromMs + hour }];
      }),
      mixMs: 31 * hour,
    };
    const outcome =
      version === "3.0.0"
        ? ({ kind: "mixed-too-long", fit, offers: [{ regions: ["apac", "emea"], fit }] } as const)
        : version === "4.0.0"
          ? ({ kind: "no-opening", environment: "prod-apac", obstacles: [] } as const)
          : ({ kind: "fits", fit } as const);
    const waves = plan.regions.map(({ name, environments }) => ({ region: name, environments }));
    const zones = new Map([["prod-emea", "Europe/Berlin"]]);
    return { plan, version, risk: "high", at, waves, zones, openings: new Map(), outcome };
  };
  return {
    listWavePlans: async () => [plan],
    forecastWaves: async (question) =>
      question.plan === plan.name ? ok(forecast(question.version)) : err("no-such-wave-plan"),
    async startWaves(input) {
      await done("startWaves");
      if (input.plan !== plan.name) return err("no-such-wave-plan");
      const found = forecast(input.version);
      if (found.outcome.kind !== "fits") return err({ code: "does-not-fit", forecast: found });
      const view = await fakePlans(done).showRun(fakeRunId);
      return view === null ? err("too-many-runs") : ok(view);
    },
  };
}
