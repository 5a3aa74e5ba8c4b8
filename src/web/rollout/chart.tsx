import { useId, type ReactElement } from "react";
import { useElementSize } from "@mantine/hooks";
import { viewerZone } from "#web/ui/time.ts";
import { endLabels, frameOf, margin, pathOf, placedMarks, timeTicks, type Frame } from "./axis.ts";
import type { StageMark } from "./progress.ts";
import type { Line } from "./traffic.ts";
import "./chart.css";

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly marks: readonly StageMark[];
  /** The y axis reaches at least this far. */
  readonly least: number;
  readonly format: (value: number) => string;
  /** What the lines show, in a sentence, for readers. */
  readonly summary: string;
}

const height = 190;

/** Two versions over time. Dashes, marks and labels tell them apart; colour only helps. */
export function Chart({ title, lines, marks, least, format, summary }: ChartProps): ReactElement {
  const { ref, width } = useElementSize();
  const id = useId();
  const frame = frameOf(lines, { width: Math.max(width, 280), height }, least);
  return (
    <figure className="chart" ref={ref}>
      <figcaption id={id}>{title}</figcaption>
      {width > 0 && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in SVG has no tag of its own that says "image"
        <svg width={frame.width} height={height} role="img" aria-labelledby={id} aria-describedby={`${id}-summary`}>
          <Axes frame={frame} format={format} />
          <Marks frame={frame} marks={marks} />
          {lines.map((one) => (
            <path key={one.arm} className={`chart-line ${one.arm}`} d={pathOf(one, frame)} />
          ))}
          {endLabels(lines, frame).map(({ line, x, y, labelY }) => (
            <g key={line.arm} className={`chart-end ${line.arm}`}>
              {line.arm === "canary" ? (
                <circle cx={x} cy={y} r={3.5} />
              ) : (
                <rect x={x - 3} y={y - 3} width={6} height={6} />
              )}
              <text x={x + 8} y={labelY + 4}>
                {line.arm === "canary" ? "new " : "live "}
                {line.version}
              </text>
            </g>
          ))}
        </svg>
      )}
      <p id={`${id}-summary`} className="hidden-visually">
        {summary}
      </p>
    </figure>
  );
}

/** Lines across; more would be clutter at this height. */
const yTicks = 4;

function Axes({ frame, format }: { readonly frame: Frame; readonly format: (value: number) => string }): ReactElement {
  const right = frame.width - margin.right;
  const bottom = frame.height - margin.bottom;
  return (
    <g className="chart-axes">
      {frame.y.ticks(yTicks).map((value) => (
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

function Marks({ frame, marks }: { readonly frame: Frame; readonly marks: readonly StageMark[] }): ReactElement {
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
