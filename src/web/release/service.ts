import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { servicePage } from "#contract/service.ts";
import { answered, api } from "#web/api.ts";

export type ServicePage = z.infer<typeof servicePage>;

/** null: no service is chosen yet. */
export function useService(name: string | null): UseQueryResult<ServicePage> {
  return useQuery({
    queryKey: ["service", name],
    enabled: name !== null && name !== "",
    queryFn: ({ signal }) => answered(api.getService({ signal, params: { name: name ?? "" } })),
  });
}

/** The place that the address names, else the last one of promotion: that is where most is demanded. */
export function chosenPlace(
  { environments }: Pick<ServicePage, "environments">,
  name: string | undefined,
): ServicePage["environments"][number] | undefined {
  return environments.find((one) => one.name === name) ?? environments.at(-1);
}
