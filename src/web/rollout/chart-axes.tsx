import type { ReactElement } from "react";
import { viewerZone } from "#web/ui/time.ts";
import { margin, placedMarks, timeTicks, type Frame } from "./axis.ts";
import type { StageMark } from "./progress.ts";

type Field = Pick<Frame, "x" | "width" | "height"> & { readonly y: (value: number) => number };

interface AxesProps {
  readonly frame: Field;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

/** Lines across at the ticks, and the time below. */
export function Axes({ frame, ticks, format }: AxesProps): ReactElement {
  const right = frame.width - margin.right;
  const bottom = frame.height - margin.bottom;
  return (
    <g className="chart-axes">
      {ticks.map((value) => (
        <g key={value}>
          <line x1={margin.left} x2={right} y1={frame.y(value)} y2={frame.y(value)} />
          <text x={margin.left - 8} y={frame.y(value) + 4} textAnchor="end">
            {format(value)}
          </text>
        </g>
      ))}
      {timeTicks(frame, viewerZone()).map(({ x, label }) => (
        <g key={label}>
          <line x1={x} x2={x} y1={bottom} y2={bottom + 4} />
          <text x={x} y={bottom + 17} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
    </g>
  );
}

interface MarksProps {
  readonly frame: Field;
  readonly marks: readonly StageMark[];
}

/** Where each stage began. */
export function Marks({ frame, marks }: MarksProps): ReactElement {
  return (
    <g className="chart-marks">
      {placedMarks(marks, frame).map(({ x, label }) => (
        <g key={`${x} ${label}`}>
          <line x1={x} x2={x} y1={margin.top - 4} y2={frame.height - margin.bottom} />
          <text x={x} y={margin.top - 9} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
    </g>
  );
}
