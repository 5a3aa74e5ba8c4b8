import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { backtestChange, backtestPage, policyLine, showPolicy } from "#contract/policy.ts";
import { answered, api } from "#web/api.ts";

export type PolicyLine = z.infer<typeof policyLine>;
export type PolicyPageBody = z.infer<(typeof showPolicy.answers)[200]>;
export type BacktestPage = z.infer<typeof backtestPage>;
export type BacktestChange = z.infer<typeof backtestChange>;

export const policiesQuery = queryOptions({
  queryKey: ["policies"],
  queryFn: ({ signal }) => answered(api.listPolicies({ signal })),
});

export function usePolicy(name: string, version: string | undefined): UseQueryResult<PolicyPageBody> {
  return useQuery({
    queryKey: ["policy", name, version ?? "in force"],
    queryFn: ({ signal }) =>
      answered(api.showPolicy({ signal, params: { name }, query: version === undefined ? {} : { version } })),
  });
}

/** `sha256:1a2b3c4d…`: enough to tell versions of one policy apart. */
export function shortDigest(version: string): string {
  return `${version.slice(0, 15)}…`;
}
