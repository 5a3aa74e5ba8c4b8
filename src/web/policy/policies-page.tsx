import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { scopeText } from "#web/release/holds.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { CaseList } from "./case-list.tsx";
import { casesLook, casesOf, casesQuery, otherCases } from "./cases.ts";
import { policiesQuery, shortDigest, type PolicyLine } from "./policies.ts";
import "./policies.css";

/** What is demanded beyond windows, freezes and approvals; each with the rules that it decides. */
export function PoliciesPage(): ReactElement {
  const { data, error } = useQuery(policiesQuery);
  return (
    <Page title="Policies" side={<Link to="/backtest">Back-test a draft</Link>}>
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={5} />}
      {data?.items.length === 0 && (
        <div className="panel">
          <EmptyState icon="book" title="No policies yet" command="tidegate apply -f DIRECTORY">
            Windows, freezes and approvals hold without any. A Policy document demands evidence, tickets or clauses on
            top, for what its scope matches:
          </EmptyState>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <div className="panel scroll">
            <PolicyTable items={data.items} />
          </div>
          <div>
            <CommandLine command="tidegate policy list" />
          </div>
        </>
      )}
      {data !== undefined && <OtherCases policies={data.items.map(({ name }) => name)} />}
    </Page>
  );
}

/** Cases that stand at no policy, and those that were not judged. */
function OtherCases({ policies }: { readonly policies: readonly string[] }): ReactElement | null {
  const { data, error } = useQuery(casesQuery);
  if (error !== null) return <ErrorNote error={error} />;
  const others = otherCases(data?.items ?? [], policies);
  const left = data?.left ?? 0;
  if (others.length === 0 && left === 0) return null;
  return (
    <Panel title="Cases that no policy decides">
      {others.length > 0 && <CaseList cases={others} />}
      {left > 0 && (
        <p className="dim">
          {left} more {left === 1 ? "case was" : "cases were"} not judged here. Run <code>tidegate policy test</code> in
          their folder.
        </p>
      )}
    </Panel>
  );
}

function PolicyTable({ items }: { readonly items: readonly PolicyLine[] }): ReactElement {
  return (
    <table className="table policies">
      <caption className="hidden-visually">Policies of the configuration in force</caption>
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">In force</th>
          <th scope="col">About</th>
          <th scope="col">Decides</th>
          <th scope="col">Cases</th>
          <th scope="col">Version</th>
        </tr>
      </thead>
      <tbody>
        {items.map((policy) => (
          <PolicyRow key={policy.name} policy={policy} />
        ))}
      </tbody>
    </table>
  );
}

function PolicyRow({ policy }: { readonly policy: PolicyLine }): ReactElement {
  const now = useNow(30_000);
  return (
    <tr>
      <td data-label="Policy">
        <Link to="/policies/$name" params={{ name: policy.name }} className="policy-name">
          {policy.name}
        </Link>
        <span className="small dim policy-line">
          {policy.level ?? "unreadable"}
          {policy.owner !== null && `, team ${policy.owner}`}
        </span>
      </td>
      <td data-label="In force">
        <InForce policy={policy} />
      </td>
      <td data-label="About">
        <span>{policy.scope === null ? "what it may match" : scopeText(policy.scope)}</span>
        <span className="small dim policy-line">
          {policy.serviceCount} {policy.serviceCount === 1 ? "service" : "services"}
        </span>
      </td>
      <td data-label="Decides">
        {policy.rules.map((rule) => (
          <Link key={rule} to="/rules/$rule" params={{ rule }} className="mono policy-line">
            {rule}
          </Link>
        ))}
      </td>
      <td data-label="Cases">
        <CasesBadge policy={policy.name} />
      </td>
      <td data-label="Version">
        <span className="mono nowrap" title={policy.version}>
          {shortDigest(policy.version)}
        </span>
        <span className="small dim policy-line">
          {policy.appliedBy}, <TimeText at={policy.appliedAt} now={now} />
        </span>
      </td>
    </tr>
  );
}

function CasesBadge({ policy }: { readonly policy: string }): ReactElement {
  const { data, error } = useQuery(casesQuery);
  if (data === undefined) return <span className="dim">{error === null ? "…" : "not known"}</span>;
  return (
    <Link to="/policies/$name" params={{ name: policy }} hash="cases" className="case-badge">
      <Badge {...casesLook(casesOf(data.items, policy))} />
    </Link>
  );
}

export function InForce({ policy }: { readonly policy: PolicyLine }): ReactElement {
  const now = useNow(30_000);
  if (policy.unreadable !== null) return <Badge tone="bad" icon="question" label="Unreadable" />;
  return (
    <>
      {policy.inForce ? (
        <Badge tone="good" icon="check" label="In force" />
      ) : (
        <Badge tone="rest" icon="clock" label="Not in force" />
      )}
      {policy.from !== null && (
        <span className="small dim policy-line">
          from <TimeText at={policy.from} now={now} form="absolute" />
        </span>
      )}
      {policy.until !== null && (
        <span className="small dim policy-line">
          until <TimeText at={policy.until} now={now} form="absolute" />
        </span>
      )}
    </>
  );
}
