import { useState, type ReactElement, type SubmitEvent } from "react";
import { Button, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { shortId } from "#web/release/deployment.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { CommandLine, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { deploymentOf, outcomeTone, type AuditEntry, type AuditSearch } from "./audit.ts";
import "./audit.css";

/** Lines per page. */
const pageSize = 100;

/** The record, newest first: who did what, when, with which outcome. */
export function AuditPage(): ReactElement {
  const search = useSearch({ from: "/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const list = useInfiniteQuery({
    queryKey: ["audit", present(search)],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) => {
      const query = { ...present(search), limit: pageSize, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return answered(api.listAudit({ signal, query }));
    },
    getNextPageParam: (last) => last.next,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Audit">
      <AuditFilter
        key={`${search.action} ${search.object}`}
        search={search}
        onChange={(given) => void navigate({ search: present(given), replace: true })}
      />
      {list.error !== null && <ErrorNote error={list.error} />}
      {list.isPending && list.error === null && <Loading lines={8} />}
      {list.data !== undefined && (
        <>
          {items.length === 0 ? <NoEntries /> : <AuditTable items={items} />}
          <div className="row">
            {list.hasNextPage && (
              <Button
                variant="default"
                size="xs"
                loading={list.isFetchingNextPage}
                onClick={() => void list.fetchNextPage()}
              >
                Show older ones
              </Button>
            )}
            <CommandLine command="tidegate audit export" />
          </div>
        </>
      )}
    </Page>
  );
}

interface FilterProps {
  readonly search: AuditSearch;
  readonly onChange: (search: AuditSearch) => void;
}

function AuditFilter({ search, onChange }: FilterProps): ReactElement {
  const [action, setAction] = useState(search.action ?? "");
  const [object, setObject] = useState(search.object ?? "");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onChange({ action: action.trim() || undefined, object: object.trim() || undefined });
  };
  const isSet = search.action !== undefined || search.object !== undefined;
  return (
    <search>
      <form className="audit-filter" onSubmit={submit}>
        <TextInput
          label="Action"
          placeholder="deployment.request"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
        />
        <TextInput
          label="Object"
          placeholder="dep_…, an environment, a service"
          value={object}
          onChange={(event) => setObject(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          Filter
        </Button>
        {isSet && (
          <Button variant="subtle" onClick={() => onChange({ action: undefined, object: undefined })}>
            Clear
          </Button>
        )}
      </form>
    </search>
  );
}

function NoEntries(): ReactElement {
  return (
    <div className="panel">
      <EmptyState icon="book" title="No entry matches">
        Every act on this installation is written here in the transaction of the act: requests, decisions, shifts of
        traffic, changes of the configuration.
      </EmptyState>
    </div>
  );
}

function AuditTable({ items }: { readonly items: readonly AuditEntry[] }): ReactElement {
  const now = useNow(5000);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section className="panel scroll" tabIndex={0} aria-label="Entries">
      <table className="table audit">
        <caption className="hidden-visually">The record, newest first</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              No.
            </th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">Object</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <AuditLine key={entry.seq} entry={entry} now={now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AuditLine({ entry, now }: { readonly entry: AuditEntry; readonly now: Temporal.Instant }): ReactElement {
  const deployment = deploymentOf(entry);
  return (
    <tr>
      <td className="number dim">{entry.seq}</td>
      <td>
        <TimeText at={entry.at} now={now} form="absolute" />
      </td>
      <td>
        {entry.person}
        <span className="small dim audit-account">
          {entry.account} · {entry.method}
        </span>
      </td>
      <td className="mono nowrap">{entry.action}</td>
      <td>
        {deployment === null ? (
          <span className="mono">{entry.object}</span>
        ) : (
          <Link to="/deployments/$id" params={{ id: deployment }} className="mono" title={entry.object}>
            {shortId(deployment)}
          </Link>
        )}
      </td>
      <td>
        <span className={`toned tone-${outcomeTone(entry.outcome)}`}>{entry.outcome}</span>
        {entry.reason !== null && <span className="small dim audit-account">{entry.reason}</span>}
      </td>
    </tr>
  );
}
