import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { strategyChoice } from "#contract/strategy.ts";
import { answered, api } from "#web/api.ts";
import type { ChangeClass } from "#web/policy/search.ts";

export type Choice = z.output<typeof strategyChoice>;

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly class: ChangeClass;
}

/** Nothing is asked before service and environment are known. */
export function useChoice(query: Place): UseQueryResult<Choice> {
  return useQuery({
    queryKey: ["strategies", query],
    enabled: query.service !== "" && query.environment !== "",
    queryFn: ({ signal }) => answered(api.chooseStrategy({ signal, query })),
  });
}

export function sayShares({ stages }: Pick<Choice["inForce"], "stages">): string {
  return stages.map((percent) => `${percent} %`).join(", ");
}

/** The method that a request will use, as it is described; null when the server knows none of that name. */
export function usedMethod({
  inForce,
  ranked,
  excluded,
}: Choice): { readonly title: string; readonly summary: string; readonly rank: number | null } | null {
  const index = ranked.findIndex(({ method }) => method === inForce.method);
  const used = ranked[index] ?? excluded.find(({ method }) => method === inForce.method);
  return used === undefined
    ? null
    : { title: used.title, summary: used.summary, rank: index === -1 ? null : index + 1 };
}

/** Why it is that one: a document says so, or none does; and where it stands among those that fit. */
export function whyUsed(choice: Choice): string {
  const { inForce, ranked } = choice;
  const because = inForce.isDefault
    ? "No strategy matches, so the default applies."
    : `The strategy ${inForce.name} says so.`;
  const rank = usedMethod(choice)?.rank ?? null;
  const [best] = ranked;
  if (rank === null) return `${because} It is excluded here: the request will be denied.`;
  if (rank === 1 || best === undefined) return `${because} It is also what fits best.`;
  return `${because} ${best.title} would fit better.`;
}
