import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, TimeText } from "#web/ui/widgets.tsx";

const readAgainMs = 15_000;

/** Who reports signals and error budgets, the silent ones first, then by age. */
export function ReportersPanel(): ReactElement | null {
  const now = useNow(5000);
  const { data, error } = useQuery({
    queryKey: ["reporters"],
    refetchInterval: readAgainMs,
    queryFn: ({ signal }) => answered(api.listReporters({ signal })),
  });
  if (error === null && (data === undefined || data.items.length === 0)) return null;
  return (
    <Panel title="Who reports">
      {error !== null && <ErrorNote error={error} />}
      <ul className="holds">
        {(data?.items ?? []).map(({ kind, source, service, environment, silent, heardAt }) => (
          <li key={`${kind} ${source} ${service} ${environment ?? ""}`}>
            {silent ? (
              <Badge label="Silent" tone="bad" icon="warning" />
            ) : (
              <Badge label="Heard" tone="good" icon="check" />
            )}
            <span className="grow">
              <span>
                {source} on {service} {environment === null ? "everywhere" : `in ${environment}`}
              </span>
              <span className="small dim">
                {kind}, last heard <TimeText at={heardAt} now={now} form="both" />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
