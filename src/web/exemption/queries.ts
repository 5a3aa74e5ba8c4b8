import {
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { z } from "zod";
import type { exemption } from "#contract/exemption.ts";
import type { listDebts, listEmergencies } from "#contract/emergency.ts";
import { answered, api } from "#web/api.ts";

export type Exemption = z.infer<typeof exemption>;
export type Emergency = z.infer<(typeof listEmergencies.answers)[200]>["items"][number];
export type Debt = z.infer<(typeof listDebts.answers)[200]>["items"][number];

/** Lines of a list; what is older stands in the register. */
const shown = 100;

export const exemptionTypesQuery = queryOptions({
  queryKey: ["exemption-types"],
  queryFn: ({ signal }) => answered(api.listExemptionTypes({ signal })),
});

type Show = "open" | "all";
interface Listed<One> {
  readonly items: readonly One[];
}

/** Newest first. */
export function useExemptions(show: Show): UseQueryResult<Listed<Exemption>> {
  return useQuery({
    queryKey: ["exemptions", show],
    queryFn: ({ signal }) => answered(api.listExemptions({ signal, query: { show, limit: shown } })),
  });
}

export const emergenciesQuery = queryOptions({
  queryKey: ["emergencies"],
  queryFn: ({ signal }) => answered(api.listEmergencies({ signal, query: { limit: shown } })),
});

/** The most urgent first. */
export function useDebts(show: Show): UseQueryResult<Listed<Debt>> {
  return useQuery({
    queryKey: ["debts", show],
    queryFn: ({ signal }) => answered(api.listDebts({ signal, query: { show, limit: shown } })),
  });
}

/** The rules with the codes that an override may pass; they come only to those who may override. */
export const overridableQuery = queryOptions({
  queryKey: ["overridable-codes"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const { rules } = await import("#core/policy/registry.ts");
    return new Map(rules.map(({ id, overridable = [] }) => [id, overridable]));
  },
});

/** Does the deed and has every page read again: it may change what any verdict says. */
export function useDeed<Done>(
  body: () => Promise<Done>,
  onDone: (done: Done) => void,
): UseMutationResult<Done, Error, void> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: body,
    onSuccess: async (done) => {
      onDone(done);
      await queries.invalidateQueries();
    },
  });
}
