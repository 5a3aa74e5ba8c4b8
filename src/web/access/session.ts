import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";

export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 60_000,
  queryFn: ({ signal }) => answered(api.whoAmI({ signal })),
});

/** Where to go after logging in: a path of this site, whatever a link says. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !next.startsWith("/") || next.startsWith("//") || next.includes("\\"))
    return "/deployments";
  return next.startsWith("/login") ? "/deployments" : next;
}
