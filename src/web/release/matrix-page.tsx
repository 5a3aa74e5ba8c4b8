import { useCallback, type ReactElement } from "react";
import { NativeSelect, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Loading, Page } from "#web/ui/page.tsx";
import { absolute, viewerZone } from "#web/ui/time.ts";
import { EmptyState, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { groupsOf } from "./matrix.ts";
import { MatrixTable } from "./matrix-table.tsx";
import { useMatrix } from "./queries.ts";
import { groupings, present, type MatrixSearch } from "./search.ts";
import { TimeSlider } from "./time-slider.tsx";
import "./matrix.css";

const groupLabels = { none: "Not grouped", team: "By team", unit: "By unit", tier: "By tier" } as const;

/** Service × environment: what is live since when, and what is on its way; now or at an instant of the past. */
export function MatrixPage(): ReactElement {
  const search = useSearch({ from: "/matrix" });
  const navigate = useNavigate({ from: "/matrix" });
  const { data, error, isPending } = useMatrix(search.at);
  const change = useCallback(
    (part: MatrixSearch) => void navigate({ search: present({ ...search, ...part }), replace: true }),
    [navigate, search],
  );
  const group = search.group ?? "none";
  return (
    <Page title="Matrix">
      <div className="panel matrix-tools">
        <TextInput
          label="Service"
          placeholder="Part of a name"
          value={search.find ?? ""}
          onChange={(event) => change({ find: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label="Groups"
          value={group}
          onChange={(event) => change({ group: groupings.find((one) => one === event.currentTarget.value) })}
          data={groupings.map((value) => ({ value, label: groupLabels[value] }))}
        />
        <TimeSlider at={search.at} reach={search.reach ?? "day"} onChange={change} />
      </div>
      {search.at !== undefined && <PastNote at={search.at} onNow={() => change({ at: undefined })} />}
      {error !== null && <ErrorNote error={error} />}
      {isPending && error === null && <Loading lines={8} />}
      {data !== undefined && data.services.length === 0 && <NoServices />}
      {data !== undefined && data.services.length > 0 && (
        <MatrixTable matrix={data} groups={groupsOf(data, group, search.find ?? "")} />
      )}
    </Page>
  );
}

function PastNote({ at, onNow }: { readonly at: string; readonly onNow: () => void }): ReactElement {
  return (
    <Note tone="wait" icon="clock">
      As it was on <strong>{absolute(Temporal.Instant.from(at), viewerZone())}</strong>.{" "}
      <button type="button" className="link-button" onClick={onNow}>
        Back to now
      </button>
    </Note>
  );
}

function NoServices(): ReactElement {
  return (
    <div className="panel">
      <EmptyState icon="grid" title="No services yet" command="tidegate apply -f DIRECTORY">
        The matrix shows every service in every environment. Both come from the configuration:
      </EmptyState>
    </div>
  );
}
