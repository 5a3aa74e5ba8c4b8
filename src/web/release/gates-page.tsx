import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { z } from "zod";
import type { gate } from "#contract/gate.ts";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon, type IconName } from "#web/ui/icons.tsx";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { BrakeTabs } from "./brake-tabs.tsx";
import type { Tone } from "./deployment.ts";
import "./holds.css";

type Gate = z.infer<typeof gate>;

const looks: Readonly<Record<Gate["state"], { readonly label: string; readonly tone: Tone; readonly icon: IconName }>> =
  {
    parked: { label: "Parked", tone: "wait", icon: "clock" },
    allowed: { label: "Allowed", tone: "good", icon: "check" },
    started: { label: "Started", tone: "motion", icon: "play" },
    succeeded: { label: "Succeeded", tone: "good", icon: "check" },
    failed: { label: "Failed", tone: "bad", icon: "cross" },
    "rolled-back": { label: "Rolled back", tone: "back", icon: "back" },
    aborted: { label: "Aborted", tone: "back", icon: "stop" },
    unknown: { label: "Unknown", tone: "bad", icon: "question" },
    denied: { label: "Denied", tone: "bad", icon: "cross" },
    cancelled: { label: "Cancelled", tone: "rest", icon: "stop" },
  };

const shown = 100;
/** Tokens and leases run out without an event. */
const readAgainMs = 30_000;

/** Questions of pipelines and what became of them; the reasons stand on the page of each deployment. */
export function GatesPage(): ReactElement {
  const search = useSearch({ from: "/gates" });
  const navigate = useNavigate({ from: "/gates" });
  const isAll = search.show === "all";
  const { data, error } = useQuery({
    queryKey: ["gates", isAll],
    refetchInterval: readAgainMs,
    queryFn: ({ signal }) =>
      answered(api.listGates({ signal, query: { limit: shown, ...(isAll ? {} : { state: "open" as const }) } })),
  });
  return (
    <Page title="Gates">
      <BrakeTabs />
      <Checkbox
        label="Show those that have ended too"
        checked={isAll}
        onChange={(event) =>
          void navigate({ search: event.currentTarget.checked ? { show: "all" } : {}, replace: true })
        }
      />
      <Panel title="Questions of pipelines">
        {error !== null && <ErrorNote error={error} />}
        {data === undefined && error === null && <Loading lines={3} />}
        {data?.items.length === 0 && <p className="dim">No pipeline waits for an answer.</p>}
        <ul className="holds">
          {data?.items.map((one) => (
            <GateLine key={one.id} gate={one} />
          ))}
        </ul>
      </Panel>
      <div>
        <CommandLine command="tidegate gates" />
      </div>
    </Page>
  );
}

function GateLine({ gate: one }: { readonly gate: Gate }): ReactElement {
  const now = useNow(5000);
  return (
    <li>
      <Badge {...looks[one.state]} />
      <span className="grow">
        <span>
          <Link to="/deployments/$id" params={{ id: one.deployment }}>
            {one.service} <span className="mono">{one.version}</span> to {one.environment}
          </Link>
          <Link
            to="/services/$name"
            params={{ name: one.service }}
            className="icon-link"
            title={`Service ${one.service}`}
          >
            <Icon name="grid" />
            <span className="hidden-visually">Service {one.service}</span>
          </Link>
          {one.run !== null && <span className="dim"> · {one.run}</span>}
        </span>
        <span>{one.reason}</span>
        <span className="small dim">
          {one.requestedBy}, <TimeText at={one.requestedAt} now={now} form="both" />
          {one.opensAt !== null && (
            <>
              ; opens <TimeText at={one.opensAt} now={now} form="both" />
            </>
          )}
          {one.token.state !== "none" && `; token ${one.token.state}`}
        </span>
      </span>
    </li>
  );
}
