import type { ReactElement } from "react";
import { viewerZone } from "#web/ui/time.ts";
import { spanOf } from "./days.ts";
import { spanInZones, spanText } from "./words.ts";

interface SlotTimesProps {
  readonly span: { readonly from: string; readonly to: string };
  /** Of the calendar: the clock that is shown large. */
  readonly zone: string;
}

/** A span on the clock of the calendar and, below, on those of the viewer and UTC: nothing has to be pointed at. */
export function SlotTimes({ span: given, zone }: SlotTimesProps): ReactElement {
  const span = spanOf(given);
  return (
    <span className="slot-times">
      <strong>{spanText(span, zone)}</strong>
      {spanInZones(span, [zone, viewerZone()]).map((one) => (
        <span key={one.zone} className="small dim">
          {one.zone === zone ? one.text.slice(spanText(span, zone).length + 1) : one.text}
        </span>
      ))}
    </span>
  );
}
