import { useState, type ReactElement } from "react";
import { NativeSelect } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMatrix } from "#web/release/queries.ts";
import { choicesOf } from "#web/release/row.ts";
import { present } from "#web/release/search.ts";
import { Loading, Page } from "#web/ui/page.tsx";
import { viewerZone } from "#web/ui/time.ts";
import { CommandLine, EmptyState, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { CalendarTabs } from "./calendar-tabs.tsx";
import { MoveBatch, type Names } from "./move-batch.tsx";
import { MoveDialog } from "./move-dialog.tsx";
import { batchesOf, outcomeText, tickedOf } from "./moves.ts";
import { useMay, useOpenSubjects, useReflows, type Reflow } from "./planning-queries.ts";
import type { MoveSearch } from "./search.ts";

/** What imports of business calendars propose for bookings: a batch each, decided as a whole or item by item. */
export function MovesPage(): ReactElement {
  const search = useSearch({ from: "/calendar/moves" });
  const navigate = useNavigate({ from: "/calendar/moves" });
  const change = (part: MoveSearch): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true, resetScroll: false });
  const { data, error } = useReflows();
  return (
    <Page title="Proposed moves" side={<CommandLine command="tidegate calendar reflow list" />}>
      <CalendarTabs />
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={8} />}
      {data !== undefined && <Batches all={data.items} search={search} onChange={change} />}
    </Page>
  );
}

interface BatchesProps {
  readonly all: readonly Reflow[];
  readonly search: MoveSearch;
  readonly onChange: (part: MoveSearch) => void;
}

function Batches({ all, search, onChange }: BatchesProps): ReactElement {
  const [outcome, setOutcome] = useState("");
  const mayDecide = useMay("reflow.decide");
  const names = useNames();
  const shown = batchesOf(all, search);
  const asked = search.ask === undefined ? undefined : shown.find(({ id }) => id === search.batch);
  return (
    <>
      <Filters all={all} search={search} onChange={onChange} />
      <output className="outcome">
        {outcome !== "" && (
          <Note tone="motion" icon="check">
            {outcome}
          </Note>
        )}
      </output>
      {!mayDecide && shown.length > 0 && (
        <Note tone="rest" icon="hand">
          You may look and not decide: operators and release managers accept or decline.
        </Note>
      )}
      {shown.length === 0 && <Nothing isFiltered={all.length > 0} />}
      {shown.map((batch) => (
        <MoveBatch
          key={batch.id}
          batch={batch}
          search={search}
          names={names}
          mayDecide={mayDecide}
          onChange={onChange}
        />
      ))}
      {asked !== undefined && search.ask !== undefined && mayDecide && (
        <MoveDialog
          batch={asked}
          positions={tickedOf(asked, search)}
          decision={search.ask}
          onClose={() => onChange({ ask: undefined })}
          onDecided={(items) => {
            setOutcome(`${asked.calendar}: ${outcomeText(items)}.`);
            onChange({ ask: undefined, batch: undefined, items: undefined });
          }}
        />
      )}
    </>
  );
}

/** Names of open deployments, and the clock of the place that each goes to. */
function useNames(): Names {
  const subjects = useOpenSubjects();
  const { data } = useMatrix(undefined);
  const zones = new Map(data?.environments.map(({ name, zone }) => [name, zone] as const) ?? []);
  return {
    subjectOf: (id) => subjects.get(id)?.subject ?? null,
    zoneOf: (id) => zones.get(subjects.get(id)?.environment ?? "") ?? viewerZone(),
  };
}

function Filters({ all, search, onChange }: BatchesProps): ReactElement {
  const calendars = [...new Set(all.map(({ calendar }) => calendar))];
  return (
    <search className="panel planning-filters">
      <NativeSelect
        label="Show"
        value={search.show ?? "open"}
        onChange={(event) => onChange({ show: event.currentTarget.value === "all" ? "all" : undefined })}
        data={[
          { value: "open", label: "What is to decide" },
          { value: "all", label: "Everything" },
        ]}
      />
      <NativeSelect
        label="Calendar"
        value={search.calendar ?? ""}
        onChange={(event) => onChange({ calendar: event.currentTarget.value || undefined })}
        data={[{ value: "", label: "Every calendar" }, ...choicesOf(calendars, search.calendar)]}
      />
    </search>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): ReactElement {
  return (
    <div className="panel">
      <EmptyState icon="calendar" title={isFiltered ? "Nothing is left to decide here" : "No moves are proposed"}>
        {isFiltered
          ? "Every proposal of these calendars is decided. Show everything to read who decided what."
          : "When an import of a business calendar concerns bookings, its proposals for them appear here as one batch. Nothing moves by itself."}
      </EmptyState>
    </div>
  );
}
