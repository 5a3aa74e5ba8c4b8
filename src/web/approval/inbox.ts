import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";

export const inboxQuery = queryOptions({
  queryKey: ["inbox"],
  queryFn: ({ signal }) => answered(api.listInbox({ signal })),
});
