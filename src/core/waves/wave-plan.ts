import type { Risk } from "#core/calendar/advice/risk.ts";

/** How a service goes round the world (capability I3): region after region, each in waves that grow. */
export interface WavePlan {
  readonly name: string;
  /** Digest of the document. */
  readonly version: string;
  /** Person or team that answers for it. */
  readonly owner: string;
  readonly summary: string;
  /** Somebody of this person, team or role has to be present. null: nobody. */
  readonly overseer: string | null;
  readonly service: string;
  /** In this order, one after the other. */
  readonly regions: readonly WaveRegion[];
  /** Targets of the first waves; what is left of a region goes together. null: as the risk asks. */
  readonly growth: readonly number[] | null;
  readonly soak: Soak;
  /** From the first change to the last, old and new run beside each other for so long at most; in seconds. null: as long as it takes. */
  readonly mixLimitSeconds: number | null;
  /** How long a deployment may take once it may begin; in seconds. */
  readonly targetSeconds: number;
  /** `take-back`: a failure takes everything back. `stay`: what went well stays, and the owner decides. */
  readonly whenFailed: "take-back" | "stay";
}

export interface WaveRegion {
  readonly name: string;
  readonly environments: readonly string[];
}

/** Between two waves. `isReported`: the time counts only while the service is reported to be well there. */
export interface Soak {
  readonly seconds: number;
  readonly isReported: boolean;
}

/** Targets that go at the same time; all of one region. */
export interface Wave {
  readonly region: string;
  readonly environments: readonly string[];
}

export const waveLimits = {
  /** A target is two steps of a plan, and one of its way back. */
  targets: 60,
  regions: 12,
  growth: 10,
} as const;

const growthOfRisk: Readonly<Record<Risk, readonly number[]>> = { high: [1, 3], low: [3] };

/**
 * The waves in their order. They grow from one to the next across regions, since each says more about the version; a wave
 * never reaches into another region, whose window is another one.
 */
export function wavesOf({ regions, growth }: Pick<WavePlan, "regions" | "growth">, risk: Risk): readonly Wave[] {
  const sizes = growth ?? growthOfRisk[risk];
  const waves: Wave[] = [];
  for (const { name, environments } of regions) {
    for (let from = 0; from < environments.length;) {
      const size = sizes[waves.length] ?? environments.length;
      waves.push({ region: name, environments: environments.slice(from, from + size) });
      from += size;
    }
  }
  return waves;
}
