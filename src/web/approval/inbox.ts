import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { listInbox } from "#contract/approval.ts";
import type { Tasks } from "#web/plan/queries.ts";
import { answered, api } from "#web/api.ts";

type Inbox = z.output<(typeof listInbox)["answers"][200]>;
export type LiveAsk = Inbox["asks"][number];

/** Check-ins come due and clocks run out without an event. */
const refreshMs = 10_000;

export const inboxQuery = queryOptions({
  queryKey: ["inbox"],
  queryFn: ({ signal }) => answered(api.listInbox({ signal })),
  refetchInterval: refreshMs,
});

/** Everything that waits for the viewer; what is not known yet does not count. */
export function countOf(
  inbox: Pick<Inbox, "items" | "asks"> | undefined,
  tasks: Pick<Tasks, "items" | "unseen"> | undefined,
): number {
  const asked = inbox === undefined ? 0 : inbox.items.length + inbox.asks.length;
  return asked + (tasks === undefined ? 0 : tasks.items.length + tasks.unseen.length);
}
