import { useState, type ReactElement } from "react";
import { NativeSelect } from "@mantine/core";
import { version as versionText } from "#contract/common.ts";
import { VersionField } from "#web/release/version-field.tsx";
import { Icon } from "#web/ui/icons.tsx";
import { TimeField } from "#web/ui/time-field.tsx";
import { fromLocalField, toLocalField, viewerZone, wire } from "#web/ui/time.ts";
import type { WavePlan } from "./queries.ts";
import { moved, orderOf, orderText, type WavePlanSearch } from "./search.ts";

interface QuestionProps {
  readonly plan: WavePlan;
  readonly search: WavePlanSearch;
  readonly onChange: (part: Partial<WavePlanSearch>) => void;
}

/** Which version, at what risk, in what order, and from when on; all of it is in the address. */
export function WaveQuestionForm({ plan, search, onChange }: QuestionProps): ReactElement {
  const [typed, setTyped] = useState(search.version ?? "");
  const isWrong = typed !== "" && !versionText.safeParse(typed).success;
  const settle = (given: string): void => {
    if (given !== (search.version ?? "") && (given === "" || versionText.safeParse(given).success))
      onChange({ version: given || undefined });
  };
  return (
    <form className="wave-question" onSubmit={(event) => event.preventDefault()} aria-label="What would go">
      <VersionField
        service={plan.service}
        value={typed}
        onChange={setTyped}
        onSettled={settle}
        error={isWrong ? "This is no version." : null}
      />
      <NativeSelect
        label="Risk"
        value={search.risk ?? ""}
        onChange={(event) => onChange({ risk: riskOf(event.currentTarget.value) })}
        data={[
          { value: "", label: "That of the service" },
          { value: "low", label: "Low" },
          { value: "high", label: "High" },
        ]}
      />
      <NotBefore search={search} onChange={onChange} />
      {plan.regions.length > 1 && <Order plan={plan} search={search} onChange={onChange} />}
    </form>
  );
}

function riskOf(value: string): "low" | "high" | undefined {
  return value === "low" || value === "high" ? value : undefined;
}

function NotBefore({ search, onChange }: Omit<QuestionProps, "plan">): ReactElement {
  const zone = viewerZone();
  const { notBefore } = search;
  const [typed, setTyped] = useState(
    notBefore === undefined ? "" : toLocalField(Temporal.Instant.from(notBefore), zone),
  );
  const change = (text: string): void => {
    setTyped(text);
    const at = fromLocalField(text, zone);
    if (text === "" || at !== null) onChange({ notBefore: at === null ? undefined : wire(at) });
  };
  return <TimeField label="Not before" value={typed} onChange={change} />;
}

function Order({ plan, search, onChange }: QuestionProps): ReactElement {
  const own = plan.regions.map(({ name }) => name);
  const order = orderOf(own, search.order);
  const move = (name: string, by: -1 | 1): void => onChange({ order: orderText(own, moved(order, name, by)) });
  return (
    <fieldset className="wave-order">
      <legend className="field-label">Order of the regions</legend>
      <ol>
        {order.map((name, place) => (
          <li key={name}>
            {name}
            <button
              type="button"
              className="icon-link turned"
              disabled={place === 0}
              onClick={() => move(name, -1)}
              aria-label={`${name} earlier`}
            >
              <Icon name="arrow" />
            </button>
            <button
              type="button"
              className="icon-link"
              disabled={place === order.length - 1}
              onClick={() => move(name, 1)}
              aria-label={`${name} later`}
            >
              <Icon name="arrow" />
            </button>
          </li>
        ))}
      </ol>
    </fieldset>
  );
}
