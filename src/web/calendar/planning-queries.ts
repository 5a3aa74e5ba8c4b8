import { useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { negotiation, slotAdvice } from "#contract/advice.ts";
import type { businessCalendar, reflow } from "#contract/business-calendar.ts";
import type { cover, rotaSource } from "#contract/cover.ts";
import { meQuery } from "#web/access/session.ts";
import { answered, api } from "#web/api.ts";
import { subjectOf } from "#web/release/deployment.ts";
import { present } from "#web/release/search.ts";
import type { AdviceSearch } from "./search.ts";

export type Advice = z.infer<typeof slotAdvice>;
export type Slot = Advice["slots"][number];
export type Negotiation = z.infer<typeof negotiation>;
export type Position = Negotiation["positions"][number];
export type Reflow = z.infer<typeof reflow>;
export type BusinessCalendar = z.infer<typeof businessCalendar>;
export type Cover = z.infer<typeof cover>;
export type RotaSource = z.infer<typeof rotaSource>;

/** What moves by the clock alone, or by another system, is asked for this often. */
const againMs = 60_000;
/** Batches that a page shows; older ones are on the command line. */
const batchesShown = 50;
/** Open deployments whose names a page of proposals knows; of others it shows the end of the id. */
const namesKnown = 100;

export function useReflows(): UseQueryResult<{ readonly items: Reflow[] }> {
  return useQuery({
    queryKey: ["deployments", "moves"],
    queryFn: ({ signal }) => answered(api.listReflows({ signal, query: { limit: batchesShown } })),
    refetchInterval: againMs,
  });
}

/** Open deployments by id: what they are called, and where they go. */
export function useOpenSubjects(): ReadonlyMap<string, { readonly subject: string; readonly environment: string }> {
  const { data } = useQuery({
    queryKey: ["deployments", "subjects"],
    queryFn: ({ signal }) => answered(api.listDeployments({ signal, query: { state: "open", limit: namesKnown } })),
  });
  return new Map(
    data?.items.map((one) => [one.id, { subject: subjectOf(one), environment: one.environment }] as const) ?? [],
  );
}

/** A question that names no service, version or environment yet is not asked. */
export function useAdvice({ service, version, environment, risk }: AdviceSearch): UseQueryResult<Advice> {
  const question = { service: service ?? "", version: version ?? "", environment: environment ?? "" };
  const body = { ...question, ...present({ risk }) };
  return useQuery({
    queryKey: ["calendar", "advice", body],
    queryFn: ({ signal }) => answered(api.adviseSlots({ signal, body })),
    enabled: Object.values(question).every((one) => one !== ""),
    refetchInterval: againMs,
  });
}

export const slotsKey = (id: string): readonly string[] => ["deployment", id, "slots"];

export function useNegotiation(id: string): UseQueryResult<Negotiation> {
  return useQuery({
    queryKey: slotsKey(id),
    queryFn: ({ signal }) => answered(api.readSlots({ signal, params: { id } })),
    refetchInterval: againMs,
  });
}

export function useBusinessCalendars(): UseQueryResult<{ readonly items: BusinessCalendar[] }> {
  return useQuery({
    queryKey: ["calendar", "sources"],
    queryFn: ({ signal }) => answered(api.listBusinessCalendars({ signal })),
    refetchInterval: againMs,
  });
}

export function useRotas(): UseQueryResult<{ readonly items: RotaSource[] }> {
  return useQuery({
    queryKey: ["calendar", "rotas"],
    queryFn: ({ signal }) => answered(api.listRotas({ signal })),
    refetchInterval: againMs,
  });
}

/** Who is there for a go-live at each of the instants. */
export function useCover(
  service: string,
  environment: string,
  starts: readonly string[],
): readonly UseQueryResult<Cover>[] {
  return useQueries({
    queries: starts.map((at) => ({
      queryKey: ["calendar", "cover", service, environment, at],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        answered(api.askCover({ signal, body: { service, environment, at } })),
      refetchInterval: againMs,
    })),
  });
}

/** Whether the viewer's roles hold a permission; the server asks again. */
export function useMay(permission: "reflow.decide" | "slot.negotiate"): boolean {
  const { data } = useQuery(meQuery);
  return data?.permissions.some((one) => one === permission) ?? false;
}
