import type { z } from "zod";
import type { RunAction } from "#api/plan/run-actions.ts";
import type { waveForecast, wavePlan as wire } from "#contract/waves.ts";
import { sayDuration, sayInstant } from "#core/policy/say.ts";
import type { Fit } from "#core/waves/wave-fit.ts";
import type { WavePlan } from "#core/waves/wave-plan.ts";
import type { ForecastRefusal, WaveForecast, WaveQuestion } from "#usecases/waves/wave-operations.ts";

interface Asked {
  readonly version: string;
  readonly risk: "low" | "high" | null;
  readonly order: readonly string[] | null;
  readonly notBefore: string | null;
}

export function toQuestion(plan: string, { version, risk, order, notBefore }: Asked): WaveQuestion {
  return { plan, version, risk, order, notBefore: notBefore === null ? null : Temporal.Instant.from(notBefore) };
}

export function refusalOf(code: ForecastRefusal, name: string): string {
  const details: Readonly<Record<ForecastRefusal, string>> = {
    "no-such-wave-plan": `There is no wave plan ${name}. "tidegate waves list" shows those in force.`,
    "no-such-service": `The service of the wave plan ${name} is not declared any more.`,
    "no-such-environment": `A target of the wave plan ${name} is not declared any more.`,
    "bad-order": `Name every region of the wave plan ${name} once, in the order in which they are to go.`,
  };
  return details[code];
}

export function presentWavePlan(plan: WavePlan): z.input<typeof wire> {
  const { name, version, owner, summary, overseer, service, regions, growth, soak, mixLimitSeconds, whenFailed } = plan;
  const places = regions.map((region) => ({ name: region.name, environments: [...region.environments] }));
  return {
    name,
    version,
    owner,
    summary,
    service,
    regions: places,
    growth: growth === null ? null : [...growth],
    soak: soak.seconds,
    health: soak.isReported ? "reported" : "own-checks",
    overseer,
    mixLimit: mixLimitSeconds,
    whenFailed,
  };
}

/** More than a picture of days or weeks shows. */
const maxOpenings = 60;

export function presentForecast(forecast: WaveForecast, actions: readonly RunAction[]): z.input<typeof waveForecast> {
  const { plan, version, risk, at, waves, zones, openings, outcome } = forecast;
  const fit = outcome.kind === "no-opening" ? null : outcome.fit;
  const planned = new Map(fit?.waves.flat().map((target) => [target.environment, target]) ?? []);
  return {
    plan: presentWavePlan(plan),
    version,
    risk,
    at: at.toString(),
    fits: outcome.kind === "fits",
    headline: headlineOf(forecast),
    waves: waves.map(({ region, environments }) => ({
      region,
      targets: environments.map((environment) => {
        const target = planned.get(environment);
        return {
          environment,
          zone: zones.get(environment) ?? "UTC",
          from: target === undefined ? null : instantOf(target.startMs).toString(),
          to: target === undefined ? null : instantOf(target.endMs).toString(),
          openings: (openings.get(environment) ?? [])
            .slice(0, maxOpenings)
            .map(({ from, to }) => ({ from: from.toString(), to: to.toString() })),
        };
      }),
    })),
    mix: fit === null ? null : secondsOf(fit.mixMs),
    offers:
      outcome.kind === "mixed-too-long"
        ? outcome.offers.map((offer) => ({
            order: [...offer.regions],
            ends: endOf(offer.fit).toString(),
            mix: secondsOf(offer.fit.mixMs),
          }))
        : [],
    obstacles: outcome.kind === "no-opening" ? outcome.obstacles.map(({ sentence }) => sentence) : [],
    actions: [...actions],
  };
}

export function headlineOf({ plan, waves, outcome, version }: WaveForecast): string {
  const what = `${plan.service}@${version}`;
  switch (outcome.kind) {
    case "fits": {
      const ends = sayInstant(endOf(outcome.fit), null);
      const mix = sayMs(outcome.fit.mixMs);
      return `${what} goes in ${waves.length} waves and is everywhere on ${ends}; old and new run beside each other for ${mix}.`;
    }
    case "mixed-too-long": {
      const limit = sayMs((plan.mixLimitSeconds ?? 0) * 1000);
      const long = `Old and new would run beside each other for ${sayMs(outcome.fit.mixMs)} at least, ${limit} is allowed.`;
      const [first] = outcome.offers;
      if (first === undefined) return `${long} No order of the regions fits: open a window, or allow more.`;
      const order = first.regions.join(", ");
      return `${long} In the order ${order} it fits: ${sayMs(first.fit.mixMs)}, until ${sayInstant(endOf(first.fit), null)}.`;
    }
    case "no-opening": {
      const why = outcome.obstacles[0]?.sentence ?? "Nothing there is open for long enough behind the others.";
      return `${outcome.environment} has no opening in its place. ${why}`;
    }
  }
}

function sayMs(ms: number): string {
  return sayDuration(Temporal.Duration.from({ milliseconds: Math.round(ms) }));
}

function endOf({ waves }: Fit): Temporal.Instant {
  return instantOf(Math.max(...waves.flat().map(({ endMs }) => endMs)));
}

function instantOf(ms: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Math.round(ms));
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}
