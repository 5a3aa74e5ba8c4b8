import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { liveWatch } from "#contract/watch.ts";
import { answered, api, RefusedError } from "#web/api.ts";

export type Watch = z.infer<typeof liveWatch>;
export type Limit = Watch["limits"][number];
type Criteria = NonNullable<Watch["stabilisation"]>["criteria"];

/** Where the page of a deployment shows it, for links. */
export const watchAnchor = "watch";
/** Name of the dialog in the address. */
export const endWatchAsk = "end-watch";

/** A live version is looked at every two seconds; a page needs no more than this. */
const refreshMs = 5000;

/** null: nothing was ever watched of it. */
export function useLiveWatch(id: string, isLive: boolean): UseQueryResult<Watch | null> {
  return useQuery({
    queryKey: watchKey(id),
    enabled: isLive,
    queryFn: async ({ signal }) => {
      try {
        return await answered(api.getLiveWatch({ signal, params: { id } }));
      } catch (error) {
        if (error instanceof RefusedError && error.problem.code === "not-watched") return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (state.data?.exit === null ? refreshMs : false),
  });
}

export function watchKey(id: string): readonly string[] {
  return ["live-watch", id];
}

export function redOf(criteria: Criteria): Criteria {
  return criteria.filter(({ isGreen }) => !isGreen);
}

export function saySummary(criteria: Criteria): string {
  const red = redOf(criteria).length;
  return red === 0 ? "Everything is green." : `${criteria.length - red} of ${criteria.length} are green.`;
}

/** What ending it by hand means, as it stands now. */
export function sayEnd({ phase, stabilisation }: Pick<Watch, "phase" | "stabilisation">): string {
  const nothing =
    phase === "armed"
      ? "From then on no breach takes it back by itself, and none is told."
      : "From then on no breach of it is told.";
  return stabilisation === null
    ? nothing
    : `${nothing} The criteria stay on record as they stand. ${saySummary(stabilisation.criteria)}`;
}
