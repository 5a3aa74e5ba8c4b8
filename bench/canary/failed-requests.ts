import { productJudge, thresholdEverySeconds, thresholdJudge, type Watcher } from "./judges.ts";
import type { ArmsOfSecond } from "#core/rollout/arms.ts";
import { binomial, generator, poisson } from "#test/canary/simulate.ts";

/**
 * How many requests of users fail on a defective version at 5 % of the traffic before it is taken back: the judge beside a
 * threshold every 30 s, both on the same simulated seconds. The threshold comes twice: at 2 %, as people set it, and as
 * low as it can be without more false alarms on equal versions than alpha allows the judge.
 */
export type Report = (metric: string, value: number, unit: string, samples: number) => void;

const share = 0.05;
const perSecond = 100;
const healthyRate = 0.004;
/** What fails of the defective version; the former fails at `healthyRate`. */
const defects = [0.01, 0.02, 0.05, 0.2, 1];
const seconds = 900;
/** A second is complete when it is over, and the share is taken back within the next. */
const actingSeconds = 1;
const alpha = 0.01;

function arms(seed: number, rate: number): readonly ArmsOfSecond[] {
  const random = generator(seed);
  return Array.from({ length: seconds }, (_, second) => {
    const arm = (mean: number, chance: number) => {
      const requests = poisson(random, mean);
      return { requests, errors: binomial(random, requests, chance), latency: [] };
    };
    return {
      second,
      control: arm(perSecond * (1 - share), healthyRate),
      canary: arm(perSecond * share, Math.min(rate, 1 - 1e-9)),
    };
  });
}

interface End {
  readonly failed: number;
  /** Second of the decision; null: it was not found. */
  readonly after: number | null;
}

function endOf(stream: readonly ArmsOfSecond[], { look }: Watcher): End {
  const found = stream.findIndex(look);
  const after = found === -1 ? null : found + 1;
  const seen = after === null ? stream : stream.slice(0, after + actingSeconds);
  return { failed: seen.reduce((sum, { canary }) => sum + canary.errors, 0), after };
}

/** The lowest threshold that calls no more than `alpha` of equal versions worse within the time. */
function fairThreshold(equal: readonly (readonly ArmsOfSecond[])[]): number {
  const highest = equal.map((stream) => {
    let most = 0;
    for (let from = 0; from < seconds; from += thresholdEverySeconds) {
      let [requests, errors] = [0, 0];
      for (const { canary } of stream.slice(from, from + thresholdEverySeconds)) {
        requests += canary.requests;
        errors += canary.errors;
      }
      most = Math.max(most, errors / Math.max(1, requests));
    }
    return most;
  });
  return highest.toSorted((a, b) => a - b)[Math.ceil((1 - alpha) * equal.length) - 1] ?? 1;
}

export function reportSpread(report: Report, title: string, unit: string, values: readonly number[]): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  report(`${title}, p50`, at(0.5), unit, values.length);
  report(`${title}, p10`, at(0.1), unit, values.length);
  report(`${title}, p90`, at(0.9), unit, values.length);
  report(`${title}, longest`, at(1), unit, values.length);
}

export function simulatedFailures(report: Report, streams: number): void {
  // Other streams choose the threshold than those by which it is judged.
  const tuning = Array.from({ length: streams }, (_, run) => arms(5_000_011 + run, healthyRate));
  const fair = fairThreshold(tuning);
  report("threshold with the false alarms of the judge", 100 * fair, "%", streams);
  const watchers = [
    productJudge,
    () => thresholdJudge("threshold 2 % every 30 s", 0.02),
    () => thresholdJudge("threshold of as many false alarms every 30 s", fair),
  ];
  for (const rate of [healthyRate, ...defects]) {
    const runs = Array.from({ length: streams }, (_, run) => arms(1_299_709 + run, rate));
    for (const start of watchers) {
      const { name } = start();
      const ends = runs.map((stream) => endOf(stream, start()));
      const found = ends.filter(({ after }) => after !== null).length;
      const title = `${100 * rate} % of the new version fail, 5 % exposure, ${name}`;
      report(`${title}: taken back within ${seconds} s`, found / streams, "share", streams);
      if (rate === healthyRate) continue;
      const failed = ends.map((end) => end.failed);
      reportSpread(report, `${title}: failed requests before`, "requests", failed);
    }
  }
}
