import type { ReactElement } from "react";
import { ActionIcon, NativeSelect } from "@mantine/core";
import type { CalendarOverview } from "#contract/calendar.ts";
import { choicesOf } from "#web/release/row.ts";
import { Icon } from "#web/ui/icons.tsx";
import { viewerZone } from "#web/ui/time.ts";
import { stepped, viewSteps, type Day } from "./days.ts";
import { calendarViews, type CalendarSearch, type CalendarViewName } from "./search.ts";
import { dayText, monthText } from "./words.ts";

interface ToolbarProps {
  readonly search: CalendarSearch;
  readonly view: CalendarViewName;
  readonly date: Temporal.PlainDate;
  readonly days: readonly Day[];
  readonly zone: string;
  /** The one that is shown, chosen or not. */
  readonly environment: string | undefined;
  readonly environments: CalendarOverview["environments"];
  readonly services: readonly string[];
  readonly onChange: (part: CalendarSearch) => void;
}

const viewLabels = { month: "Month", week: "Week", agenda: "Agenda" } as const;

/** Everything that the URL holds, to be changed by hand. */
export function Toolbar(props: ToolbarProps): ReactElement {
  const { view, onChange } = props;
  return (
    <div className="panel calendar-tools">
      <fieldset className="views">
        <legend className="hidden-visually">View</legend>
        {calendarViews.map((name) => (
          <button key={name} type="button" aria-pressed={name === view} onClick={() => onChange({ view: name })}>
            {viewLabels[name]}
          </button>
        ))}
      </fieldset>
      <Pager {...props} />
      <Filters {...props} />
    </div>
  );
}

function Pager({ view, date, days, onChange }: ToolbarProps): ReactElement {
  const [back, ahead] = viewSteps[view];
  const unit = view === "month" ? "month" : "week";
  return (
    <div className="pager">
      <ActionIcon
        variant="default"
        size={34}
        aria-label={`Previous ${unit}`}
        onClick={() => onChange({ date: stepped(date, back).toString() })}
      >
        <span className="turned">
          <Icon name="arrow" />
        </span>
      </ActionIcon>
      <button type="button" className="link-button" onClick={() => onChange({ date: undefined })}>
        Today
      </button>
      <ActionIcon
        variant="default"
        size={34}
        aria-label={`Next ${unit}`}
        onClick={() => onChange({ date: stepped(date, ahead).toString() })}
      >
        <Icon name="arrow" />
      </ActionIcon>
      <h2 aria-live="polite">{rangeText(view, date, days)}</h2>
    </div>
  );
}

function rangeText(view: CalendarViewName, date: Temporal.PlainDate, days: readonly Day[]): string {
  if (view === "month") return monthText(date);
  const [first, last] = [days[0]?.date ?? date, days.at(-1)?.date ?? date];
  return `${dayText(first)} – ${dayText(last)} ${last.year}`;
}

function Filters({ search, view, zone, environment, environments, services, onChange }: ToolbarProps): ReactElement {
  const isOne = view === "month" || search.lanes === "unit";
  const names = environments.map(({ name }) => name);
  // Days follow the clock of the environment as long as nobody has chosen another one.
  const usual = environments.find(({ name }) => name === environment)?.zone ?? viewerZone();
  const ownZone = zone === usual ? { zone: undefined } : {};
  return (
    <search className="calendar-filters">
      <NativeSelect
        label="Environment"
        value={environment ?? ""}
        onChange={(event) => onChange({ environment: event.currentTarget.value || undefined, ...ownZone })}
        data={[...(isOne ? [] : [{ value: "", label: "All" }]), ...choicesOf(names, search.environment)]}
      />
      <NativeSelect
        label="Service"
        value={search.service ?? ""}
        onChange={(event) => onChange({ service: event.currentTarget.value || undefined })}
        data={[{ value: "", label: "Every service" }, ...choicesOf(services, search.service)]}
      />
      {view === "week" && (
        <NativeSelect
          label="Lanes"
          value={search.lanes ?? "environment"}
          onChange={(event) => onChange({ lanes: event.currentTarget.value === "unit" ? "unit" : undefined })}
          data={[
            { value: "environment", label: "By environment" },
            { value: "unit", label: "By unit" },
          ]}
        />
      )}
      <NativeSelect
        label="Days of"
        value={zone}
        onChange={(event) => onChange({ zone: event.currentTarget.value })}
        data={zoneChoices(zone, environments)}
      />
    </search>
  );
}

/** The viewer's zone and those of the calendar, each once. */
function zoneChoices(
  zone: string,
  environments: CalendarOverview["environments"],
): readonly { readonly value: string; readonly label: string }[] {
  const mine = viewerZone();
  const all = [...new Set([mine, ...environments.map((one) => one.zone), "UTC", zone])];
  return all.map((value) => ({ value, label: value === mine ? `${value} (yours)` : value }));
}
