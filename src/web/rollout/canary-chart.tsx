import { useId, type ReactElement } from "react";
import { useElementSize } from "@mantine/hooks";
import { margin } from "./axis.ts";
import {
  bandPath,
  betweenText,
  estimatePath,
  ratioFrame,
  ratioTicks,
  timesText,
  type CanaryPicture,
  type RatioFrame,
  type RatioPoint,
} from "./canary.ts";
import { Axes, Marks } from "./chart-axes.tsx";
import type { StageMark } from "./progress.ts";
import "./canary.css";

interface RatioChartProps {
  readonly title: string;
  readonly points: readonly RatioPoint[];
  readonly lines: CanaryPicture["metrics"][number];
  readonly marks: readonly StageMark[];
}

const height = 260;

/** Where the ratio may lie, closing in, between the line of harm and the margin. */
export function RatioChart({ title, points, lines, marks }: RatioChartProps): ReactElement {
  const { ref, width } = useElementSize();
  const id = useId();
  const frame = ratioFrame(points, Math.max(width, 280), height);
  const last = points.at(-1);
  const { tolerated, bound } = lines;
  return (
    <figure className="chart" ref={ref}>
      <figcaption id={id}>{title}</figcaption>
      {width > 0 && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in SVG has no tag of its own that says "image"
        <svg width={frame.width} height={height} role="img" aria-labelledby={id} aria-describedby={`${id}-summary`}>
          <Axes frame={frame} ticks={ratioTicks} format={timesText} />
          <Marks frame={frame} marks={marks} />
          <path className="ratio-band" d={bandPath(points, frame)} />
          <path className="ratio-estimate" d={estimatePath(points, frame)} />
          <Limit frame={frame} ratio={tolerated} kind="tolerated" label="worse above" isUpper={tolerated > bound} />
          <Limit frame={frame} ratio={bound} kind="bound" label="not worse below" isUpper={bound >= tolerated} />
        </svg>
      )}
      <p id={`${id}-summary`} className="hidden-visually">
        {last === undefined
          ? "Nothing has been judged yet."
          : `The ratio is ${betweenText(last)}; worse is above ${timesText(tolerated)}, not worse below ${timesText(bound)}.`}
      </p>
    </figure>
  );
}

interface LimitProps {
  readonly frame: RatioFrame;
  readonly ratio: number;
  readonly kind: "tolerated" | "bound";
  readonly label: string;
  /** The higher one of the two. */
  readonly isUpper: boolean;
}

/** Harm is told by dots, the margin by dashes; their labels stand on either side, so that they do not meet. */
function Limit({ frame, ratio, kind, label, isUpper }: LimitProps): ReactElement {
  const y = frame.y(ratio);
  const right = frame.width - margin.right;
  return (
    <g className={`ratio-limit ${kind}`}>
      <line x1={margin.left} x2={right} y1={y} y2={y} />
      <text x={right - 4} y={isUpper ? y - 5 : y + 14} textAnchor="end">
        {label}
      </text>
    </g>
  );
}
