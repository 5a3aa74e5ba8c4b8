import type { ReactElement } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Panel } from "#web/ui/page.tsx";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";

const messagesQuery = queryOptions({
  queryKey: ["messages"],
  queryFn: ({ signal }) => answered(api.listMessages({ signal })),
});

/** What runs have told this person, newest first. */
export function Messages(): ReactElement | null {
  const now = useNow(5000);
  const { data, error } = useQuery(messagesQuery);
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title="What runs have told you">
      <ul className="corrections">
        {data.items.map(({ run, at, text }) => (
          <li key={`${run} ${at} ${text}`}>
            <Icon name="inbox" />
            <span>
              {text} <TimeText at={at} now={now} />
              <span className="small dim correction-because">
                <span className="mono">
                  {run.startsWith("dep_") ? "tidegate way-back show" : "tidegate run show"} {run}
                </span>
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
