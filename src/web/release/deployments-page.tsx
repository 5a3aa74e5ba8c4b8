import { useCallback, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Loading, Page } from "#web/ui/page.tsx";
import { Badge, EmptyState, ErrorNote, ShareBar, TimeText } from "#web/ui/widgets.tsx";
import { listCommand } from "./command-line.ts";
import { stateChoices, type DeploymentSummary } from "./deployment.ts";
import { useDeployments, useMatrix } from "./queries.ts";
import { RequestDialog } from "./request-dialog.tsx";
import { ListFoot, NameFilter, RowTable, StateFilter } from "./row-list.tsx";
import { toRow, type DeploymentRow } from "./row.ts";
import { present, type DeploymentSearch } from "./search.ts";
import "./deployments.css";

/** Ages on the list move in minutes. */
const tickMs = 5000;

export function DeploymentsPage(): ReactElement {
  const search = useSearch({ from: "/deployments" });
  const navigate = useNavigate({ from: "/deployments" });
  const list = useDeployments(search);
  const change = useCallback(
    (part: DeploymentSearch) => void navigate({ search: present({ ...search, ...part }), replace: true }),
    [navigate, search],
  );
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Deployments"
      side={
        <Button leftSection={<Icon name="plus" />} onClick={() => change({ request: "open" })}>
          Request a deployment
        </Button>
      }
    >
      <Filters search={search} items={items} onChange={change} />
      {list.error !== null && <ErrorNote error={list.error} />}
      {list.data !== undefined && (
        <>
          <DeploymentTable items={items} search={search} onClear={() => change(noFilter)} />
          <ListFoot command={listCommand(search)} list={list} />
        </>
      )}
      {list.isPending && list.error === null && <Loading lines={6} />}
      {search.request === "open" && (
        <RequestDialog search={search} onClose={() => change({ request: undefined, version: undefined })} />
      )}
    </Page>
  );
}

const noFilter: DeploymentSearch = { environment: undefined, service: undefined, state: undefined };

interface FilterProps {
  readonly search: DeploymentSearch;
  readonly items: readonly DeploymentSummary[];
  readonly onChange: (part: DeploymentSearch) => void;
}

function Filters({ search, items, onChange }: FilterProps): ReactElement {
  const { data: matrix } = useMatrix(undefined);
  const environments = matrix?.environments.map(({ name }) => name) ?? items.map((item) => item.environment);
  const services = matrix?.services.map(({ name }) => name) ?? items.map((item) => item.service);
  return (
    <search className="filters">
      <NameFilter
        label="Environment"
        names={environments}
        value={search.environment}
        onChange={(environment) => onChange({ environment })}
      />
      <NameFilter
        label="Service"
        names={services}
        value={search.service}
        onChange={(service) => onChange({ service })}
      />
      <StateFilter choices={stateChoices} value={search.state} onChange={(state) => onChange({ state })} />
    </search>
  );
}

interface TableProps {
  readonly items: readonly DeploymentSummary[];
  readonly search: DeploymentSearch;
  readonly onClear: () => void;
}

function DeploymentTable({ items, search, onClear }: TableProps): ReactElement {
  const now = useNow(tickMs);
  if (items.length === 0) return <NoDeployments search={search} onClear={onClear} />;
  return (
    <RowTable caption="Deployments, newest first" heads={["State", "Deployment", "What it does", "Share", "Age"]}>
      {items.map((item) => (
        <Row key={item.id} row={toRow(item, now)} now={now} />
      ))}
    </RowTable>
  );
}

function Row({ row, now }: { readonly row: DeploymentRow; readonly now: Temporal.Instant }): ReactElement {
  return (
    <tr data-deployment={row.id}>
      <td className="cell-state">
        <Badge tone={row.look.tone} icon={row.look.icon} label={row.look.label} />
      </td>
      <td className="cell-subject">
        <Link to="/deployments/$id" params={{ id: row.id }} className="row-link" data-row-link>
          <span className="service">{row.service}</span> <span className="mono">{row.version}</span>
        </Link>
        <Link
          to="/services/$name"
          params={{ name: row.service }}
          className="icon-link"
          title={`Service ${row.service}`}
        >
          <Icon name="grid" />
          <span className="hidden-visually">Service {row.service}</span>
        </Link>
        <span className="small dim">
          {row.action !== null && <>{row.action} · </>}
          <span className="environment">{row.environment}</span>
          {row.control !== null && (
            <>
              {" "}
              · from <span className="mono">{row.control}</span>
            </>
          )}
        </span>
      </td>
      <td className="cell-headline">
        {row.headline}
        {row.opening !== null && (
          <span className="small dim opening" title={row.opening.at}>
            {row.opening.text}
          </span>
        )}
      </td>
      <td className="cell-share">
        {row.share === "bar" && <ShareBar percent={row.percent} tone={row.look.tone} />}
        {row.share === "number" && <span className="dim">{row.percent} %</span>}
        {row.share === "none" && <span className="dim">–</span>}
      </td>
      <td className="number cell-age">
        <TimeText at={row.requestedAt} now={now} form="age" />
        <span className="small dim">{row.requestedBy}</span>
      </td>
    </tr>
  );
}

function NoDeployments({ search, onClear }: Pick<TableProps, "search" | "onClear">): ReactElement {
  const { request: _request, version: _version, ...filter } = search;
  if (Object.keys(present(filter)).length > 0) {
    return (
      <div className="panel">
        <EmptyState icon="list" title="No deployment matches">
          Nothing here has this environment, service and state.{" "}
          <button type="button" className="link-button" onClick={onClear}>
            Clear the filters
          </button>
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="panel">
      <EmptyState
        icon="gate"
        title="No deployments yet"
        command="tidegate deploy SERVICE@VERSION --to ENVIRONMENT --watch"
      >
        A deployment takes one version of a service to one environment: judged before it starts, watched while traffic
        moves to it, rolled back when it does harm. Ask for one here, or from a terminal:
      </EmptyState>
    </div>
  );
}
