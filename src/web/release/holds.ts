import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { z } from "zod";
import type { hold, stop } from "#contract/hold.ts";
import type { report } from "#contract/report.ts";
import { answered, api } from "#web/api.ts";
import { lenient } from "#web/ui/lenient.ts";

export type Hold = z.infer<typeof hold>;
export type Stop = z.infer<typeof stop>;
export type Signal = Extract<z.infer<typeof report>, { kind: "signal" }>;

const holdId = z.string().regex(/^hld_[0-9a-f]{32}$/);
const stopId = z.string().regex(/^stp_[0-9a-f]{32}$/);

export const holdsSearch = z.object({
  /** Only what is in force when absent. */
  show: lenient(z.literal("all")),
  /** The dialog that is open. */
  ask: lenient(z.enum(["hold", "stop"])),
  lift: lenient(holdId),
  resume: lenient(stopId),
});
export type HoldsSearch = z.output<typeof holdsSearch>;

/** Longest time that a page may not know of a stop when no event has told it. */
const readAgainMs = 10_000;
const shown = 100;

export type Show = "in-force" | "all";

export function useStops(show: Show): UseQueryResult<{ readonly items: readonly Stop[] }> {
  return useQuery({
    queryKey: ["stops", show],
    refetchInterval: readAgainMs,
    queryFn: ({ signal }) => answered(api.listStops({ signal, query: { show, limit: shown } })),
  });
}

export function useHolds(show: Show): UseQueryResult<{ readonly items: readonly Hold[] }> {
  return useQuery({
    queryKey: ["holds", show],
    refetchInterval: readAgainMs,
    queryFn: ({ signal }) => answered(api.listHolds({ signal, query: { show, limit: shown } })),
  });
}

/** More services than have ever reported at once; the newest of each are among the newest of all. */
const readSignals = 200;

export const signalsQuery = queryOptions({
  queryKey: ["signals"],
  refetchInterval: readAgainMs,
  queryFn: ({ signal }) =>
    answered(api.listReports({ signal, params: { kind: "signal" }, query: { limit: readSignals } })),
});

/** The last word of each source about each service and environment, newest first. */
export function currentSignals(items: readonly z.infer<typeof report>[]): readonly Signal[] {
  const newest = new Map<string, Signal>();
  for (const one of items) {
    if (one.kind !== "signal") continue;
    const { service, environment, source, at } = one.report;
    const key = `${service} ${environment ?? ""} ${source}`;
    const known = newest.get(key);
    if (known === undefined || known.report.at < at) newest.set(key, one);
  }
  return [...newest.values()];
}

/** What is said of a service that stops others: its degraded, failed and unknown states, here or everywhere. */
export function troubleOf(signals: readonly Signal[], service: string, environment: string | null): readonly Signal[] {
  return signals.filter(
    ({ report: said }) =>
      said.service === service &&
      said.status !== "ok" &&
      (environment === null ? said.environment === null : said.environment === environment),
  );
}

/** `services checkout-*, environments prod-emea`; `everything` where nothing is named. */
export function scopeText(scope: Readonly<Record<string, readonly (string | number)[] | undefined>>): string {
  const parts = Object.entries(scope).flatMap(([field, names]) =>
    names === undefined || names.length === 0 ? [] : [`${field} ${names.join(" or ")}`],
  );
  return parts.length === 0 ? "everything" : parts.join(", ");
}

/** Names of a field of a form: separated by spaces or commas; undefined when there is none. */
export function namesIn(text: string): string[] | undefined {
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  return names.length === 0 ? undefined : names;
}
