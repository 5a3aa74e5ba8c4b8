import { useId, useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { absolute, fromLocalField, relative, toLocalField, wire } from "#web/ui/time.ts";
import { instantAt, nextChange, positionOf, stepsOf } from "./outline.ts";
import type { VerdictOutline } from "./questions.ts";

interface SliderProps {
  readonly outline: VerdictOutline;
  readonly zone: string;
  /** null: now. */
  readonly at: string | null;
  readonly onAt: (at: string | undefined) => void;
}

/** Moves through the coming days; the server is asked for the verdict at the instant where it is let go. */
export function InstantSlider({ outline, zone, at, onAt }: SliderProps): ReactElement {
  const id = useId();
  const now = useNow(30_000);
  const [dragged, setDragged] = useState<number | null>(null);
  const position = dragged ?? (at === null ? 0 : positionOf(outline, at));
  const shown = dragged === null && at !== null ? Temporal.Instant.from(at) : instantAt(outline, position);
  const text = position === 0 && at === null ? "now" : `${absolute(shown, zone)}, ${relative(shown, now)}`;
  const settle = (): void => {
    if (dragged === null) return;
    setDragged(null);
    onAt(dragged === 0 ? undefined : wire(instantAt(outline, dragged)));
  };
  return (
    <div className="outline-slider">
      <label htmlFor={id}>Ask for the instant</label>
      <input
        id={id}
        type="range"
        min={0}
        max={stepsOf(outline)}
        value={position}
        aria-valuetext={text}
        onChange={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onPointerUp={settle}
        onKeyUp={settle}
        onBlur={settle}
      />
      <output className="small dim" htmlFor={id}>
        {text}
      </output>
    </div>
  );
}

interface ToolProps extends SliderProps {
  /** The instant that the comparison starts from; null: now. */
  readonly base: string | null;
  readonly onBase: (base: string | undefined) => void;
}

/** From change to change, to an exact time, and the other end of the comparison. */
export function InstantTools({ outline, zone, at, onAt, base, onBase }: ToolProps): ReactElement {
  const here = at ?? outline.from;
  const [back, ahead] = [nextChange(outline, here, "back"), nextChange(outline, here, "ahead")];
  const move = (to: string | null): void => {
    if (to !== null) onAt(to === outline.from ? undefined : to);
  };
  return (
    <div className="outline-tools">
      <Button size="xs" variant="default" disabled={back === null} onClick={() => move(back)}>
        Previous change
      </Button>
      <Button size="xs" variant="default" disabled={ahead === null} onClick={() => move(ahead)}>
        Next change
      </Button>
      <label className="time-field">
        <span className="field-label">Exact time ({zone})</span>
        <input
          type="datetime-local"
          value={at === null ? "" : toLocalField(Temporal.Instant.from(at), zone)}
          onChange={(event) => {
            const chosen = fromLocalField(event.currentTarget.value, zone);
            onAt(chosen === null ? undefined : wire(chosen));
          }}
        />
      </label>
      {at !== null && base !== at && (
        <Button size="xs" variant="default" onClick={() => onBase(at)}>
          Compare from here
        </Button>
      )}
      {base !== null && (
        <Button size="xs" variant="default" onClick={() => onBase(undefined)}>
          Compare from now
        </Button>
      )}
      {at !== null && (
        <Button size="xs" variant="default" onClick={() => onAt(undefined)}>
          Back to now
        </Button>
      )}
    </div>
  );
}
