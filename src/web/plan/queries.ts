import {
  queryOptions,
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { z } from "zod";
import type { getRunbook, listResources, listTasks } from "#contract/plan-command.ts";
import type { listReservations } from "#contract/reservation.ts";
import { answered, api } from "#web/api.ts";
import { useStreamLight } from "#web/runtime/stream.tsx";
import type { Run, RunSummary } from "./run.ts";
import type { RunsSearch } from "./search.ts";

/** Lines per page of a list. */
const pageSize = 50;
/** While events do not come, what is under way is asked for this often. */
const pausedMs = 5000;
/** Places in queues move with runs that this page does not show. */
const queuedMs = 10_000;

export type Tasks = z.infer<(typeof listTasks)["answers"][200]>;
export type Task = Tasks["items"][number];
export type ResourceQueue = z.infer<(typeof listResources)["answers"][200]>["items"][number];
export type Reservation = z.infer<(typeof listReservations)["answers"][200]>["items"][number];
export type RunbookPageBody = z.infer<(typeof getRunbook)["answers"][200]>;

interface RunList {
  readonly items: RunSummary[];
  readonly next: string | null;
}

/** The list's filter as the API takes it. */
function filterOf({ state, runbook, service }: RunsSearch) {
  const shown = state === "late" || state === "all" ? { show: state } : state === undefined ? {} : { state };
  return {
    ...shown,
    ...(runbook === undefined ? {} : { runbook }),
    ...(service === undefined ? {} : { service }),
  };
}

export function useRuns(search: RunsSearch): UseInfiniteQueryResult<InfiniteData<RunList>> {
  const light = useStreamLight();
  const filter = filterOf(search);
  return useInfiniteQuery({
    queryKey: ["runs", filter],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.listRuns({
          signal,
          query: { ...filter, limit: pageSize, ...(pageParam === "" ? {} : { cursor: pageParam }) },
        }),
      ),
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
    refetchInterval: light === "live" ? false : pausedMs,
  });
}

export function useRun(id: string): UseQueryResult<Run> {
  const light = useStreamLight();
  return useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => answered(api.getRun({ signal, params: { id } })),
    refetchInterval: ({ state: { data } }) => {
      if (data !== undefined && data.endedAt !== null) return false;
      if (data?.steps.some(({ state }) => state === "queued") === true) return queuedMs;
      return light === "live" ? false : pausedMs;
    },
  });
}

export const runbooksQuery = queryOptions({
  queryKey: ["runbooks"],
  queryFn: ({ signal }) => answered(api.listRunbooks({ signal })),
});

export function useRunbook(name: string, version: string | undefined): UseQueryResult<RunbookPageBody> {
  return useQuery({
    queryKey: ["runbook", name, version ?? "in force"],
    queryFn: ({ signal }) =>
      answered(api.getRunbook({ signal, params: { name }, query: version === undefined ? {} : { version } })),
  });
}

export const resourcesQuery = queryOptions({
  queryKey: ["resources"],
  queryFn: ({ signal }) => answered(api.listResources({ signal })),
  refetchInterval: queuedMs,
});

export const reservationsQuery = queryOptions({
  queryKey: ["reservations"],
  queryFn: ({ signal }) => answered(api.listReservations({ signal })),
  refetchInterval: queuedMs,
});

export const tasksQuery = queryOptions({
  queryKey: ["tasks"],
  queryFn: ({ signal }) => answered(api.listTasks({ signal })),
});
