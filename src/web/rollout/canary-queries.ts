import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { isOpen, type DeploymentState } from "#web/release/deployment.ts";
import type { CanaryPicture } from "./canary.ts";

/** The judge looks every second; what does not run says nothing new. */
const runningMs = 1000;
const openMs = 5000;

export function useCanary(id: string, state: DeploymentState | undefined): UseQueryResult<CanaryPicture> {
  return useQuery({
    queryKey: ["canary", id],
    queryFn: ({ signal }) => answered(api.getCanary({ signal, params: { id } })),
    refetchInterval: state === "running" ? runningMs : state !== undefined && isOpen(state) ? openMs : false,
  });
}
