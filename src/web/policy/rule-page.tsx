import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { EmptyState, ErrorNote } from "#web/ui/widgets.tsx";

/** What one rule asks, why it exists and what helps: its page of the documentation, from the same text. */
export function RulePage(): ReactElement {
  const { rule: id } = useParams({ from: "/rules/$rule" });
  const { data, error } = useQuery({
    queryKey: ["rule-texts"],
    staleTime: Number.POSITIVE_INFINITY,
    // All rules with all that they compute are too much for every page, so they come when somebody reads one.
    queryFn: async () => (await import("#core/policy/registry.ts")).rules,
  });
  if (data === undefined) {
    return <Page title={id}>{error === null ? <Loading lines={4} /> : <ErrorNote error={error} />}</Page>;
  }
  const rule = data.find((one) => one.id === id);
  if (rule === undefined) {
    return (
      <Page title={id}>
        <div className="panel">
          <EmptyState icon="question" title="There is no such rule">
            The verdict may be of another version. See <Link to="/policies">the policies</Link>.
          </EmptyState>
        </div>
      </Page>
    );
  }
  return (
    <Page title={rule.id} heading={<span className="mono">{rule.id}</span>}>
      <Panel title={rule.title} side={`version ${rule.version}`}>
        <div className="stack rule-text">
          <p>{rule.reason}</p>
          <p>
            <strong>What helps.</strong> {rule.remedy}
          </p>
          <dl className="facts">
            <Codes label="Codes" codes={rule.codes} />
            <Codes label="An exemption may cover" codes={rule.exemptible ?? []} />
            <Codes label="An override may pass" codes={rule.overridable ?? []} />
            <Codes label="Reads" codes={rule.needs} />
          </dl>
        </div>
      </Panel>
    </Page>
  );
}

function Codes({ label, codes }: { readonly label: string; readonly codes: readonly string[] }): ReactElement {
  return (
    <>
      <dt>{label}</dt>
      <dd className="mono">{codes.length === 0 ? "none" : codes.join(", ")}</dd>
    </>
  );
}
