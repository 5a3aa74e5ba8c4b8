import { useId, type ReactElement } from "react";
import { useElementSize } from "@mantine/hooks";
import { endLabels, frameOf, pathOf } from "./axis.ts";
import { Axes, Marks } from "./chart-axes.tsx";
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
          <Axes frame={frame} ticks={frame.y.ticks(yTicks)} format={format} />
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
