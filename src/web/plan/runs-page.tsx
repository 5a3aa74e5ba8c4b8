import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMatrix } from "#web/release/queries.ts";
import { ListFoot, NameFilter, RowTable, StateFilter } from "#web/release/row-list.tsx";
import { present } from "#web/release/search.ts";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { Badge, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { PlanTabs } from "./plan-tabs.tsx";
import { runbooksQuery, useRuns } from "./queries.ts";
import { looksOf, stateChoices, type RunSummary } from "./run.ts";
import type { RunsSearch } from "./search.ts";

/** Ages on the list move in minutes. */
const tickMs = 5000;

/** Runs of runbooks, newest first. */
export function RunsPage(): ReactElement {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const list = useRuns(search);
  const change = (part: RunsSearch): void => void navigate({ search: present({ ...search, ...part }), replace: true });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Runs" side={<Link to="/runbooks">Begin a run from its runbook</Link>}>
      <PlanTabs />
      <Filters search={search} items={items} onChange={change} />
      {list.error !== null && <ErrorNote error={list.error} />}
      {list.isPending && list.error === null && <Loading lines={5} />}
      {list.data !== undefined && (
        <>
          <RunTable
            items={items}
            search={search}
            onClear={() => change({ state: undefined, runbook: undefined, service: undefined })}
          />
          <ListFoot command={listCommand(search)} list={list} />
        </>
      )}
    </Page>
  );
}

function listCommand({ state, runbook, service }: RunsSearch): string {
  const shown = state === undefined ? "" : state === "all" || state === "late" ? ` --${state}` : ` --state ${state}`;
  const named = `${runbook === undefined ? "" : ` --runbook ${runbook}`}${service === undefined ? "" : ` --service ${service}`}`;
  return `tidegate run list${shown}${named}`;
}

interface FilterProps {
  readonly search: RunsSearch;
  readonly items: readonly RunSummary[];
  readonly onChange: (part: RunsSearch) => void;
}

function Filters({ search, items, onChange }: FilterProps): ReactElement {
  const { data: matrix } = useMatrix(undefined);
  const { data: runbooks } = useQuery(runbooksQuery);
  const names = runbooks?.items.map(({ name }) => name) ?? items.map((item) => item.runbook);
  const services = matrix?.services.map(({ name }) => name) ?? [];
  return (
    <search className="filters">
      <StateFilter choices={stateChoices} value={search.state} onChange={(state) => onChange({ state })} />
      <NameFilter label="Runbook" names={names} value={search.runbook} onChange={(runbook) => onChange({ runbook })} />
      <NameFilter
        label="Service"
        names={services}
        value={search.service}
        onChange={(service) => onChange({ service })}
      />
    </search>
  );
}

interface TableProps {
  readonly items: readonly RunSummary[];
  readonly search: RunsSearch;
  readonly onClear: () => void;
}

function RunTable({ items, search, onClear }: TableProps): ReactElement {
  const now = useNow(tickMs);
  if (items.length === 0) return <NoRuns search={search} onClear={onClear} />;
  return (
    <RowTable
      caption="Runs of runbooks, newest first"
      className="runs"
      heads={["State", "Run", "What it does", "Owner", "Age"]}
    >
      {items.map((item) => (
        <Row key={item.id} run={item} now={now} />
      ))}
    </RowTable>
  );
}

function Row({ run, now }: { readonly run: RunSummary; readonly now: Temporal.Instant }): ReactElement {
  return (
    <tr data-run={run.id}>
      <td className="cell-state">
        <span className="run-looks">
          {looksOf(run).map((look) => (
            <Badge key={look.label} {...look} />
          ))}
        </span>
      </td>
      <td className="cell-subject">
        <Link to="/runs/$id" params={{ id: run.id }} className="row-link" data-row-link>
          <span className="service">{run.runbook}</span> <span className="mono dim">{shortId(run.id)}</span>
        </Link>
        <span className="small dim">{run.reason}</span>
      </td>
      <td className="cell-headline">
        {run.headline}
        {run.overrun !== null && run.endedAt === null && (
          <span className="small tone-wait toned">{run.overrun.because}</span>
        )}
        {run.endedAt === null && run.turned === null && (
          <span className="small dim">
            The way back begins by itself <TimeText at={run.latestRollbackStart} now={now} />.
          </span>
        )}
      </td>
      <td className="cell-share">
        {run.owner}
        {run.overseer !== null && (
          <span className="small dim">
            {run.overseer.person === null ? `nobody of ${run.overseer.asked}` : `overseen by ${run.overseer.person}`}
          </span>
        )}
      </td>
      <td className="number cell-age">
        <TimeText at={run.startedAt} now={now} form="age" />
      </td>
    </tr>
  );
}

function NoRuns({ search, onClear }: Pick<TableProps, "search" | "onClear">): ReactElement {
  const isFiltered = Object.keys(present(search)).length > 0;
  return (
    <div className="panel">
      {isFiltered ? (
        <EmptyState icon="list" title="No run matches">
          Nothing here has this state, runbook and service.{" "}
          <button type="button" className="link-button" onClick={onClear}>
            Clear the filters
          </button>
        </EmptyState>
      ) : (
        <EmptyState icon="play" title="Nothing is under way" command="tidegate run start RUNBOOK --reason WHY --watch">
          A run carries a runbook out: its steps in their order, people asked by name, and a way back that begins by
          itself in time. Those that have ended are{" "}
          <Link to="/runs" search={{ state: "all" }}>
            in the list of all
          </Link>
          . Begin one from <Link to="/runbooks">its runbook</Link>, or from a terminal:
        </EmptyState>
      )}
    </div>
  );
}
