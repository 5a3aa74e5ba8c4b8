import { queryOptions, skipToken, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { waveForecast, wavePlan } from "#contract/waves.ts";
import { answered, api } from "#web/api.ts";
import { useRuns } from "#web/plan/queries.ts";
import type { RunSummary } from "#web/plan/run.ts";
import { orderOf, type WavePlanSearch } from "./search.ts";

export type WavePlan = z.infer<typeof wavePlan>;
export type Forecast = z.infer<typeof waveForecast>;

/** A forecast is as old as this at most: windows come nearer and facts change. */
const forecastMs = 60_000;

export const wavePlansQuery = queryOptions({
  queryKey: ["wave-plans"],
  queryFn: ({ signal }) => answered(api.listWavePlans({ signal })),
});

export interface WaveQuestion {
  readonly version: string;
  readonly risk: "low" | "high" | null;
  readonly order: string[] | null;
  readonly notBefore: string | null;
}

/** What the address asks; null while it names no version. */
export function questionOf(plan: WavePlan, search: WavePlanSearch): WaveQuestion | null {
  const { version, risk = null, order, notBefore = null } = search;
  if (version === undefined) return null;
  const regions = plan.regions.map(({ name }) => name);
  return { version, risk, order: order === undefined ? null : [...orderOf(regions, order)], notBefore };
}

export function useForecast(name: string, question: WaveQuestion | null): UseQueryResult<Forecast> {
  return useQuery({
    queryKey: ["wave-forecast", name, question],
    queryFn:
      question === null
        ? skipToken
        : ({ signal }) => answered(api.forecastWaves({ signal, params: { name }, body: question })),
    refetchInterval: forecastMs,
  });
}

/** Runs of the plan, newest first; the first that is under way stands before all others. */
export function useWaveRuns(name: string): readonly RunSummary[] {
  const { data } = useRuns({ state: "all", runbook: name, service: undefined });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return items.toSorted((a, b) => Number(b.state === "running") - Number(a.state === "running"));
}
