import { useState, type ReactElement, type SubmitEvent } from "react";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMatrix } from "#web/release/queries.ts";
import { choicesOf } from "#web/release/row.ts";
import { present } from "#web/release/search.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { AdviceView } from "./advice-view.tsx";
import { CalendarTabs } from "./calendar-tabs.tsx";
import { useAdvice } from "./planning-queries.ts";
import type { AdviceSearch } from "./search.ts";

/** When a change had best go somewhere, before anybody asks for it. */
export function AdvicePage(): ReactElement {
  const search = useSearch({ from: "/calendar/advice" });
  const navigate = useNavigate({ from: "/calendar/advice" });
  const { service, version, environment } = search;
  const isComplete = service !== undefined && version !== undefined && environment !== undefined;
  const { data, error, isPending } = useAdvice(search);
  return (
    <Page title="Slot advice">
      <CalendarTabs />
      <Question
        key={version ?? ""}
        search={search}
        onChange={(part) => void navigate({ search: present({ ...search, ...part }), replace: true })}
      />
      {!isComplete && (
        <div className="panel">
          <EmptyState icon="clock" title="Which change, and where to?">
            Choose a service, a version and an environment. Slots inside the joint openings are ranked by load, by what
            the neighbours do, and by the room to go back; every reason is shown.
          </EmptyState>
        </div>
      )}
      {isComplete && error !== null && <ErrorNote error={error} />}
      {isComplete && isPending && error === null && <Loading lines={8} />}
      {isComplete && data !== undefined && (
        <Panel
          title={`Best slots for ${service} ${version} in ${environment}`}
          side={
            <Link to="/deployments" search={{ request: "open", service, version, environment }}>
              Request the deployment
            </Link>
          }
        >
          <AdviceView advice={data} />
        </Panel>
      )}
    </Page>
  );
}

interface QuestionProps {
  readonly search: AdviceSearch;
  readonly onChange: (part: AdviceSearch) => void;
}

function Question({ search, onChange }: QuestionProps): ReactElement {
  const { data } = useMatrix(undefined);
  const [version, setVersion] = useState(search.version ?? "");
  const ask = (event: SubmitEvent): void => {
    event.preventDefault();
    onChange({ version: version.trim() || undefined });
  };
  const services = data?.services.map(({ name }) => name) ?? [];
  const environments = data?.environments.map(({ name }) => name) ?? [];
  return (
    <form className="panel planning-filters" onSubmit={ask} aria-label="Question">
      <NativeSelect
        label="Service"
        value={search.service ?? ""}
        onChange={(event) => onChange({ service: event.currentTarget.value || undefined })}
        data={[{ value: "", label: "Choose…" }, ...choicesOf(services, search.service)]}
      />
      <TextInput
        label="Version"
        value={version}
        onChange={(event) => setVersion(event.currentTarget.value)}
        onBlur={() => version.trim() !== (search.version ?? "") && onChange({ version: version.trim() || undefined })}
      />
      <NativeSelect
        label="Environment"
        value={search.environment ?? ""}
        onChange={(event) => onChange({ environment: event.currentTarget.value || undefined })}
        data={[{ value: "", label: "Choose…" }, ...choicesOf(environments, search.environment)]}
      />
      <RiskChoice risk={search.risk} onChange={(risk) => onChange({ risk })} />
      <Button type="submit">Ask for slots</Button>
    </form>
  );
}

interface RiskProps {
  readonly risk: AdviceSearch["risk"];
  readonly onChange: (risk: AdviceSearch["risk"]) => void;
}

export function RiskChoice({ risk, onChange }: RiskProps): ReactElement {
  return (
    <NativeSelect
      label="Risk"
      value={risk ?? ""}
      onChange={(event) => {
        const { value } = event.currentTarget;
        onChange(value === "low" || value === "high" ? value : undefined);
      }}
      data={[
        { value: "", label: "By the tier of the service" },
        { value: "low", label: "Low" },
        { value: "high", label: "High" },
      ]}
    />
  );
}
