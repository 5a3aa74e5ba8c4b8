import { useId, useState, type ReactElement } from "react";
import { NativeSelect } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { absolute, fromLocalField, relative, toLocalField, viewerZone, wire } from "#web/ui/time.ts";
import { instantOf, positionOf, sliderSteps } from "./matrix.ts";
import { reaches, type MatrixSearch, type Reach } from "./search.ts";

const reachLabels: Readonly<Record<Reach, string>> = { day: "24 hours", week: "7 days", month: "30 days" };

interface SliderProps {
  readonly at: string | undefined;
  readonly reach: Reach;
  readonly onChange: (part: MatrixSearch) => void;
}

/** Moves through the past, by hand or to an exact time. */
export function TimeSlider({ at, reach, onChange }: SliderProps): ReactElement {
  const now = useNow(30_000);
  const chosen = at === undefined ? null : Temporal.Instant.from(at);
  const choose = (instant: Temporal.Instant | null): void =>
    onChange({ at: instant === null ? undefined : wire(instant) });
  return (
    <div className="time-slider">
      <Range chosen={chosen} reach={reach} now={now} onChoose={choose} />
      <NativeSelect
        label="Reach"
        value={reach}
        onChange={(event) => onChange({ reach: reaches.find((one) => one === event.currentTarget.value) })}
        data={reaches.map((value) => ({ value, label: reachLabels[value] }))}
      />
      <ExactTime chosen={chosen} now={now} onChoose={choose} />
    </div>
  );
}

interface PartProps {
  readonly chosen: Temporal.Instant | null;
  readonly now: Temporal.Instant;
  readonly onChoose: (instant: Temporal.Instant | null) => void;
}

/** While it is dragged only its text follows; the page reads the instant where it is let go. */
function Range({ chosen, reach, now, onChoose }: PartProps & { readonly reach: Reach }): ReactElement {
  const id = useId();
  const zone = viewerZone();
  const [dragged, setDragged] = useState<number | null>(null);
  const shown = dragged === null ? chosen : instantOf(dragged, reach, now);
  const settle = (): void => {
    if (dragged === null) return;
    setDragged(null);
    onChoose(instantOf(dragged, reach, now));
  };
  return (
    <div className="time-slider-range">
      <label htmlFor={id} className="field-label">
        Instant
      </label>
      <output className="small dim" htmlFor={id}>
        {shown === null ? "now" : `${absolute(shown, zone)}, ${relative(shown, now)}`}
      </output>
      <input
        id={id}
        type="range"
        min={0}
        max={sliderSteps}
        value={dragged ?? positionOf(chosen, reach, now)}
        aria-valuetext={shown === null ? "now" : absolute(shown, zone)}
        onChange={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onPointerUp={settle}
        onKeyUp={settle}
        onBlur={settle}
      />
    </div>
  );
}

function ExactTime({ chosen, now, onChoose }: PartProps): ReactElement {
  const zone = viewerZone();
  return (
    <label className="time-field">
      <span className="field-label">Exact time ({zone})</span>
      <input
        type="datetime-local"
        max={toLocalField(now, zone)}
        value={chosen === null ? "" : toLocalField(chosen, zone)}
        onChange={(event) => onChoose(fromLocalField(event.currentTarget.value, zone))}
      />
    </label>
  );
}
