import {
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import type { TrafficSeries } from "#web/rollout/traffic.ts";
import { useStreamLight } from "#web/runtime/stream.tsx";
import { isOpen, type DeploymentDetail, type DeploymentState, type DeploymentSummary } from "./deployment.ts";
import type { Matrix } from "./matrix.ts";
import { present, type DeploymentSearch } from "./search.ts";

/** Lines per page of a list. */
const pageSize = 50;
/** While events do not come, open work is asked for this often. */
const pausedMs = 5000;
/** The traffic of a running deployment has a new second every second; otherwise nothing new is likely. */
const runningTrafficMs = 1000;
const openTrafficMs = 5000;

interface DeploymentList {
  readonly items: DeploymentSummary[];
  readonly next: string | null;
}

export function useDeployments(
  search: Pick<DeploymentSearch, "environment" | "service" | "state">,
): UseInfiniteQueryResult<InfiniteData<DeploymentList>> {
  const light = useStreamLight();
  const filter = present({ environment: search.environment, service: search.service, state: search.state });
  return useInfiniteQuery({
    queryKey: ["deployments", filter],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.listDeployments({
          signal,
          query: { ...filter, limit: pageSize, ...(pageParam === "" ? {} : { cursor: pageParam }) },
        }),
      ),
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
    refetchInterval: light === "live" ? false : pausedMs,
  });
}

export function useDeployment(id: string): UseQueryResult<DeploymentDetail> {
  const light = useStreamLight();
  return useQuery({
    queryKey: ["deployment", id],
    queryFn: ({ signal }) => answered(api.getDeployment({ signal, params: { id } })),
    refetchInterval: ({ state }) =>
      light === "live" || (state.data !== undefined && !isOpen(state.data.state)) ? false : pausedMs,
  });
}

export function useTraffic(id: string, state: DeploymentState): UseQueryResult<TrafficSeries> {
  return useQuery({
    queryKey: ["traffic", id],
    queryFn: ({ signal }) => answered(api.getTraffic({ signal, params: { id } })),
    refetchInterval: state === "running" ? runningTrafficMs : isOpen(state) ? openTrafficMs : false,
  });
}

export function useMatrix(at: string | undefined): UseQueryResult<Matrix> {
  return useQuery({
    queryKey: ["matrix", at ?? "now"],
    queryFn: ({ signal }) => answered(api.getMatrix({ signal, query: at === undefined ? {} : { at } })),
    placeholderData: (before) => before,
  });
}
