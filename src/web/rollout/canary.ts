import { scaleLinear, scaleLog, type ScaleContinuousNumeric, type ScaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import type { z } from "zod";
import type { canaryPicture } from "#contract/canary.ts";
import type { StateIcon, Tone } from "#web/release/deployment.ts";
import { margin } from "./axis.ts";

/** The judge's own numbers, as the server tells them; this zone draws and words them, and computes none. */
export type CanaryPicture = z.infer<typeof canaryPicture>;
export type CanaryMetric = CanaryPicture["metrics"][number]["metric"];
export type CanaryOutcome = NonNullable<CanaryPicture["now"]>["outcome"];
export type CanaryStage = CanaryPicture["stages"][number];

/** One look at one metric, on the clock of the page. */
export interface RatioPoint {
  readonly second: number;
  readonly percent: number;
  readonly lower: number;
  readonly upper: number | null;
  readonly estimate: number | null;
  readonly evidence: number;
}

export function ratioPoints(picture: CanaryPicture, metric: CanaryMetric, shiftSeconds: number): readonly RatioPoint[] {
  return picture.looks.flatMap(({ second, percent, metrics }) => {
    const look = metrics.find((one) => one.metric === metric);
    if (look === undefined) return [];
    const { lower, upper, estimate, evidence } = look;
    return [{ second: second + shiftSeconds, percent, lower, upper, estimate, evidence }];
  });
}

/** From a quarter to eight times the control; what lies beyond is drawn at the edge. */
const ratioRange = [0.25, 8] as const;
export const ratioTicks = [0.25, 0.5, 1, 2, 4, 8] as const;

export interface RatioFrame {
  readonly width: number;
  readonly height: number;
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleContinuousNumeric<number, number>;
}

export function ratioFrame(points: readonly RatioPoint[], width: number, height: number): RatioFrame {
  const first = points[0]?.second ?? 0;
  const last = Math.max(points.at(-1)?.second ?? 0, first + 30);
  const x = scaleLinear([first, last], [margin.left, width - margin.right]);
  const y = scaleLog([...ratioRange], [height - margin.bottom, margin.top]).clamp(true);
  return { width, height, x, y };
}

/** Everything that the looks have not refuted; an open side reaches the edge of the drawing. */
export function bandPath(points: readonly RatioPoint[], { x, y }: RatioFrame): string {
  const draw = area<RatioPoint>()
    .x(({ second }) => x(second))
    .y0(({ lower }) => y(Math.max(lower, ratioRange[0])))
    .y1(({ upper }) => y(upper ?? ratioRange[1]));
  return draw([...points]) ?? "";
}

export function estimatePath(points: readonly RatioPoint[], { x, y }: RatioFrame): string {
  const draw = line<RatioPoint>()
    .defined(({ estimate }) => estimate !== null)
    .x(({ second }) => x(second))
    .y(({ estimate }) => y(estimate ?? 1));
  return draw([...points]) ?? "";
}

/** `1.4 ×`; `–` where there is nothing to say. */
export function timesText(ratio: number | null): string {
  return ratio === null ? "–" : `${Number(ratio.toPrecision(2))} ×`;
}

/** An interval in words; a side that is open says so. */
export function betweenText({ lower, upper }: Pick<RatioPoint, "lower" | "upper">): string {
  if (lower === 0 && upper === null) return "not bounded yet";
  if (lower === 0) return `below ${timesText(upper)}`;
  return upper === null ? `above ${timesText(lower)}` : `${timesText(lower)} to ${timesText(upper)}`;
}

interface OutcomeLook {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: StateIcon;
}

const outcomeLooks: Readonly<Record<CanaryOutcome, OutcomeLook>> = {
  worse: { label: "Worse", tone: "bad", icon: "back" },
  "not-worse": { label: "Not worse", tone: "good", icon: "check" },
  "not-enough": { label: "Not enough evidence yet", tone: "wait", icon: "clock" },
};

export function outcomeLook(outcome: CanaryOutcome): OutcomeLook {
  return outcomeLooks[outcome];
}

/** The metric that speaks loudest against the new version: that is the one which whoever asks why wants to see. */
export function loudestMetric({ looks }: Pick<CanaryPicture, "looks">): CanaryMetric {
  const last = looks.at(-1)?.metrics ?? [];
  return last.toSorted((a, b) => b.evidence - a.evidence)[0]?.metric ?? "errors";
}

/** How far it is and how much is missing, in a sentence; of a run that has ended, how far it came. */
export function needText(now: NonNullable<CanaryPicture["now"]>, hasEnded = false): string {
  const served = `${now.canaryRequests.toLocaleString("en-GB")} requests of the new version`;
  const sofar = hasEnded ? served : `${served} so far`;
  if (now.outcome === "worse")
    return `${sofar}. An equal version would look like this in at most one run of a hundred.`;
  if (now.outcome === "not-worse")
    return `${sofar}. No more are needed: it is proven to be below the margin, or below a rate that is healthy anyway.`;
  if (hasEnded) return `${sofar}. The run ended before the comparison had proven harm or health.`;
  if (now.furtherRequests === null) return `${sofar}. How many more it takes cannot be told yet.`;
  const time = now.furtherSeconds === null ? "" : `, ${aboutText(now.furtherSeconds)} at this share`;
  const more = now.furtherRequests.toLocaleString("en-GB");
  return `${sofar}. If it equals the former version, about ${more} more would prove it${time}.`;
}

function aboutText(seconds: number): string {
  if (seconds < 90) return `about ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `about ${minutes} min` : `about ${Math.round(minutes / 60)} h`;
}

/** What a stage still waits for besides the evidence; null when nothing. */
export function missingText(stage: CanaryStage): string | null {
  if (stage.place !== "present" || stage.minSeconds === null || stage.minRequests === null) return null;
  const seconds = Math.max(0, stage.minSeconds - stage.seconds);
  const requests = Math.max(0, stage.minRequests - stage.requests);
  const parts = [...(seconds > 0 ? [`${seconds} s`] : []), ...(requests > 0 ? [`${requests} requests`] : [])];
  return parts.length === 0 ? null : `${parts.join(" and ")} to its minimum`;
}

const placeWords: Readonly<Record<CanaryStage["place"], string>> = {
  passed: "passed",
  present: "watched now",
  left: "turned back here",
  ahead: "ahead",
};

export function placeText({ place }: Pick<CanaryStage, "place">, hasEnded = false): string {
  return hasEnded && place === "ahead" ? "not reached" : placeWords[place];
}

/** Rows of the table that says what the picture shows; at most this many, the newest always among them. */
const maxRows = 40;

export function ratioRows(points: readonly RatioPoint[]): readonly RatioPoint[] {
  const stride = Math.max(1, Math.ceil(points.length / maxRows));
  return points.filter((_, index) => (points.length - 1 - index) % stride === 0);
}

/** `210`, `1.6`, `1 000 000 and more`: evidence as far as it says something. */
export function evidenceText(evidence: number): string {
  if (evidence >= 1_000_000) return "1 000 000 and more";
  return evidence >= 10 ? evidence.toFixed(0) : evidence.toPrecision(2);
}
