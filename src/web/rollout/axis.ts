import { scaleLinear, type ScaleLinear } from "d3-scale";
import { line } from "d3-shape";
import type { StageMark } from "#web/rollout/progress.ts";
import type { Line, Point } from "#web/rollout/traffic.ts";
import { timeOfDay } from "#web/ui/time.ts";

/** Room around the drawing, in CSS pixels: labels of the lines stand to the right of it. */
export const margin = { top: 22, right: 96, bottom: 24, left: 52 } as const;

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

/** Scales of a chart. The y axis starts at zero and is never lower than `least`: noise must not look like a mountain. */
export function frameOf(
  lines: readonly Line[],
  size: { readonly width: number; readonly height: number },
  least: number,
): Frame {
  const seconds = lines.flatMap((one) => one.points.map((point) => point.second));
  const values = lines.flatMap((one) => one.points.map((point) => point.value ?? 0));
  const first = seconds.length === 0 ? 0 : Math.min(...seconds);
  const last = seconds.length === 0 ? 60 : Math.max(...seconds, first + 30);
  const x = scaleLinear([first, last], [margin.left, size.width - margin.right]);
  const y = scaleLinear(
    [0, Math.max(least, Math.max(0, ...values) * 1.08)],
    [size.height - margin.bottom, margin.top],
  ).nice(4);
  return { ...size, x, y };
}

/** The path of a line; broken where there is no value. */
export function pathOf(one: Line, frame: Frame): string {
  const draw = line<Point>()
    .defined((point) => point.value !== null)
    .x((point) => frame.x(point.second))
    .y((point) => frame.y(point.value ?? 0));
  return draw([...one.points]) ?? "";
}

const tickSteps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400] as const;
/** A label such as 14:05:30 with air around it. */
const tickWidth = 66;

/** Round times of the viewer's zone for the time axis. */
export function timeTicks(
  frame: Pick<Frame, "x" | "width">,
  zone: string,
): readonly { readonly x: number; readonly label: string }[] {
  const [first = 0, last = 0] = frame.x.domain();
  const room = Math.max(3, Math.floor((frame.width - margin.left - margin.right) / tickWidth));
  const step = tickSteps.find((one) => (last - first) / one <= room) ?? 86_400;
  const offset = Temporal.Instant.fromEpochMilliseconds(first * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
  const ticks: { x: number; label: string }[] = [];
  for (let second = Math.ceil((first + offset) / step) * step - offset; second <= last; second += step) {
    const text = timeOfDay(Temporal.Instant.fromEpochMilliseconds(second * 1000), zone);
    ticks.push({ x: frame.x(second), label: step < 60 ? text : text.slice(0, 5) });
  }
  return ticks;
}

export interface EndLabel {
  readonly line: Line;
  readonly x: number;
  /** Where the line ends. */
  readonly y: number;
  /** Where its label stands: moved apart from the other one. */
  readonly labelY: number;
}

/** Lines of text are this high. */
const labelHeight = 15;

/** Labels at the right end of the lines, moved apart where they would cover each other. */
export function endLabels(lines: readonly Line[], frame: Frame): readonly EndLabel[] {
  const ends = lines.flatMap((one) => {
    const point = one.points.findLast((candidate) => candidate.value !== null);
    return point === undefined ? [] : [{ line: one, x: frame.x(point.second), y: frame.y(point.value ?? 0) }];
  });
  const placed: EndLabel[] = [];
  let floor = margin.top;
  for (const end of ends.toSorted((left, right) => left.y - right.y)) {
    const labelY = Math.max(end.y, floor);
    floor = labelY + labelHeight;
    placed.push({ ...end, labelY });
  }
  const overflow = Math.max(0, (placed.at(-1)?.labelY ?? 0) - (frame.height - margin.bottom));
  return placed.map((label) => ({ ...label, labelY: label.labelY - overflow }));
}

/** Shares change a moment before the first sample of a chart or after its last: marks so close stand at its edge. */
const edgeSeconds = 5;

/** Labels closer than this would cover each other; the line stays, the label goes. */
const markRoom = 34;

export interface PlacedMark {
  readonly x: number;
  /** Empty where the label of the mark before leaves no room. */
  readonly label: string;
}

/** The marks that lie within the time of the chart. */
export function placedMarks(marks: readonly StageMark[], frame: Pick<Frame, "x">): readonly PlacedMark[] {
  const [first = 0, last = 0] = frame.x.domain();
  const placed: PlacedMark[] = [];
  let free = 0;
  for (const { at, label } of marks) {
    const second = Temporal.Instant.from(at).epochMilliseconds / 1000;
    if (second < first - edgeSeconds || second > last + edgeSeconds) continue;
    const x = frame.x(Math.min(Math.max(second, first), last));
    placed.push({ x, label: x >= free ? label : "" });
    if (x >= free) free = x + markRoom;
  }
  return placed;
}
