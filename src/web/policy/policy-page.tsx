import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { scopeText } from "#web/release/holds.ts";
import { present } from "#web/release/search.ts";
import { ServiceNames } from "#web/release/service-names.tsx";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, ErrorNote, Note, TimeText } from "#web/ui/widgets.tsx";
import { DocumentPanel } from "./document-panel.tsx";
import { CaseList } from "./case-list.tsx";
import { casesLook, casesOf, casesQuery } from "./cases.ts";
import { shortDigest, usePolicy, type PolicyPageBody } from "./policies.ts";
import { InForce } from "./policies-page.tsx";
import "./policies.css";

/** One policy: what it demands, of what, since when, and how it came to be so. */
export function PolicyPage(): ReactElement {
  const { name } = useParams({ from: "/policies/$name" });
  const { version } = useSearch({ from: "/policies/$name" });
  const { data, error } = usePolicy(name, version);
  if (data === undefined) {
    return <Page title={name}>{error === null ? <Loading lines={8} /> : <ErrorNote error={error} />}</Page>;
  }
  return (
    <Page
      title={`Policy ${name}`}
      heading={
        <>
          <span className="dim">Policy</span> {name}
        </>
      }
      side={<Link to="/policies">All policies</Link>}
    >
      {data.unreadable !== null && (
        <Note tone="bad" icon="warning">
          <strong>This policy cannot be read, so what it may match is not allowed.</strong> {data.unreadable}
        </Note>
      )}
      <div className="policy-columns">
        <div className="stack">
          <PolicyFacts policy={data} />
          <Versions policy={data} />
        </div>
        <div className="stack">
          <Document policy={data} />
          <Cases policy={name} />
        </div>
      </div>
    </Page>
  );
}

function PolicyFacts({ policy }: { readonly policy: PolicyPageBody }): ReactElement {
  return (
    <Panel title="Facts">
      <dl className="facts">
        <dt>State</dt>
        <dd>
          <InForce policy={policy} />
        </dd>
        <dt>Level</dt>
        <dd>{policy.level === "central" ? "central: mandatory for all it matches" : (policy.level ?? "not known")}</dd>
        <dt>Owner</dt>
        <dd>{policy.owner ?? "not known"}</dd>
        <dt>About</dt>
        <dd>{policy.scope === null ? "not known" : scopeText(policy.scope)}</dd>
        <dt>Services</dt>
        <dd>
          <details>
            <summary>{policy.serviceCount} matching</summary>
            <ServiceNames names={policy.services} />
          </details>
        </dd>
        <dt>Decides</dt>
        <dd>
          {policy.rules.map((rule) => (
            <Link key={rule} to="/rules/$rule" params={{ rule }} className="mono policy-line">
              {rule}
            </Link>
          ))}
          {policy.rules.length === 0 && "no rule"}
        </dd>
        {policy.bounds.map(({ setting, least, most }) => (
          <div key={setting} className="facts-pair">
            <dt>Bound</dt>
            <dd>
              an overlay may set <span className="mono">{setting}</span> from {least} to {most}
            </dd>
          </div>
        ))}
        <dt>Written in</dt>
        <dd className="mono">{policy.place}</dd>
      </dl>
      <div className="facts-command">
        <CommandLine command={`tidegate policy show ${policy.name}`} />
      </div>
    </Panel>
  );
}

/** The tests of this policy: cases in which it decides something, as they stand under what is in force. */
function Cases({ policy }: { readonly policy: string }): ReactElement {
  const { data, error } = useQuery(casesQuery);
  const cases = casesOf(data?.items ?? [], policy);
  return (
    <div id="cases">
      <Panel title="Cases" side={data === undefined ? undefined : <Badge {...casesLook(cases)} />}>
        {error !== null && <ErrorNote error={error} />}
        {data === undefined && error === null && <Loading lines={3} />}
        {data !== undefined && cases.length === 0 && (
          <p className="dim">
            No case asks anything that this policy decides, so nobody would notice if it were lost. Write a document of
            kind PolicyCase beside it and apply the folder.
          </p>
        )}
        <CaseList cases={cases} />
        <div className="facts-command">
          <CommandLine command="tidegate policy cases" />
        </div>
      </Panel>
    </div>
  );
}

function Versions({ policy }: { readonly policy: PolicyPageBody }): ReactElement {
  const now = useNow(30_000);
  return (
    <Panel title="Versions">
      <ol className="policy-versions">
        {policy.versions.map((one) => (
          <li key={`${one.version} ${one.from}`}>
            <Link
              to="/policies/$name"
              params={{ name: policy.name }}
              search={{ version: one.version }}
              className="mono"
              aria-current={one.version === policy.version ? "true" : undefined}
            >
              {shortDigest(one.version)}
            </Link>
            <span className="small dim">
              {one.appliedBy}, <TimeText at={one.from} now={now} form="both" />
              {one.to === null ? "; the last" : ""}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Document({ policy }: { readonly policy: PolicyPageBody }): ReactElement {
  const search = useSearch({ from: "/policies/$name" });
  const navigate = useNavigate({ from: "/policies/$name" });
  // Without another version it is the one that is shown, which has been read.
  const other = usePolicy(policy.name, search.against ?? search.version);
  return (
    <DocumentPanel
      {...policy}
      against={search.against}
      other={other}
      onCompare={(against) => void navigate({ search: present({ ...search, against }), replace: true })}
    />
  );
}
