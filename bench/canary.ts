/**
 * How far the judge of canaries can be trusted, and how fast it is. Validity: the share of equal canaries that are ever
 * called worse, looked at every second, with its upper 95 % limit. Power: recorded streams, in two halves, and simulated
 * ones, beside a judge that knows ratio and onset: the ceiling of every judge that is valid at each look. Then pairs of
 * series, and speed by processor time. The oracle and the limits share no code with the judge.
 *
 * `TIDEGATE_BENCH_STREAMS` sets how many equal canaries of each kind are simulated (10,000 for the whole claim).
 * `TIDEGATE_BENCH_PART` names one part: `failed` for failed requests before the way back, simulated and in the demo fleet;
 * `back` for the time from a breach to the way back, over the agent with its own proxy and HAProxy, in `TIDEGATE_BENCH_TRIALS`
 * trials each (20; about half a minute each); `judge` for all the others, without `back`. `TIDEGATE_CANARY_DATA` names the folder of the recorded cases; without them that part is left out, and says so.
 */
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { drawOf } from "#core/canary/conditional-law.ts";
import { noHarm, observeHarm } from "#core/canary/harm.ts";
import { createCanaryJudge, type Sample } from "#core/canary/judge.ts";
import { plainMetric, type Reading } from "#core/canary/metric.ts";
import { evidenceOf } from "#core/canary/mixture.ts";
import { judgePairs } from "#core/canary/pairs.ts";
import type { Step } from "#core/canary/step.ts";
import { equalArms, readingsOf, streamKinds, type StreamKind } from "#test/canary/simulate.ts";
import { firstAlarm, specFor } from "#test/canary/watch.ts";
import { waysBack } from "./canary/back.ts";
import { simulatedFailures } from "./canary/failed-requests.ts";
import { fleetFailures } from "./canary/fleet.ts";

const alpha = 0.01;
const streams = Number(process.env["TIDEGATE_BENCH_STREAMS"] ?? 1000);
const data = process.env["TIDEGATE_CANARY_DATA"] ?? new URL("../../shared/data/canary", import.meta.url).pathname;
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

function report(metric: string, value: number, unit: string, samples: number): void {
  const figure = Number(value.toPrecision(4));
  console.log(JSON.stringify({ bench: "canary", metric, value: figure, unit, samples, machine }));
}

/** Milliseconds of processor time that a call takes. */
function processorMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The largest chance under which so few alarms still come in 5 % of the experiments (C. Clopper and E. Pearson, 1934). */
function upperLimit(alarms: number, runs: number): number {
  let [low, high] = [alarms / runs, 1];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (atMost(alarms, runs, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

function atMost(alarms: number, runs: number, chance: number): number {
  let term = Math.exp(runs * Math.log1p(-chance));
  let sum = term;
  for (let k = 1; k <= alarms; k++) {
    term *= ((runs - k + 1) / k) * (chance / (1 - chance));
    sum += term;
  }
  return sum;
}

function reportAlarms(title: string, alarms: number, runs: number): void {
  report(`${title}: false alarms`, alarms / runs, "share", runs);
  report(`${title}: false alarms, upper 95 % limit`, upperLimit(alarms, runs), "share", runs);
}

function validity(kind: StreamKind): void {
  let alarms = 0;
  for (let run = 0; run < streams; run++) if (firstAlarm(kind, 7919 * run + 1, equalArms, alpha) !== null) alarms++;
  reportAlarms(`equal canaries, ${kind}`, alarms, streams);
}

/** Fifty metrics of one canary; the setting, and so every trouble, is the same for all of them. */
function validityAcross(runs: number): void {
  const kinds: readonly StreamKind[] = ["rate", "count", "gauge", "burst", "count"];
  const specs = Array.from({ length: 50 }, (_, index) => {
    return { ...specFor(kinds[index % kinds.length] ?? "rate"), name: `m${index}` };
  });
  const judge = createCanaryJudge({ alpha, metrics: specs, freshForSeconds: 30 });
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const arms = specs.map((_, index) =>
      readingsOf(kinds[index % kinds.length] ?? "rate", 104_729 * run + index, equalArms),
    );
    let state = judge.initial;
    for (let second = 0; second < equalArms.seconds; second++) {
      const samples = arms.map((own): Sample | null => {
        const { value, done } = own.next();
        return done === true ? null : { second, series: "a", reading: value };
      });
      state = judge.observe(state, second, samples);
    }
    if (judge.verdict(state, equalArms.seconds - 1).outcome === "worse") alarms++;
  }
  reportAlarms("equal canaries, 50 metrics each", alarms, runs);
}

interface Case {
  readonly ratio: number;
  readonly onset: number | null;
  readonly steps: readonly Step[];
}

type Watch = (own: Case) => number | null;

const judged: Watch = ({ steps }) => {
  let harm = noHarm;
  for (const [second, step] of steps.entries()) {
    harm = observeHarm(harm, drawOf(step, "rate"));
    if (evidenceOf(harm) >= 1 / alpha) return second;
  }
  return null;
};

/** Knows ratio and onset; of equal canaries it believes that they are twice as bad from the beginning. */
const oracle: Watch = ({ ratio, onset, steps }) => {
  const assumed = ratio === 1 ? 2 : ratio;
  let log = 0;
  for (let second = onset ?? 0; second < steps.length; second++) {
    const { controlTrials = 0, controlEvents = 0, canaryTrials = 0, canaryEvents = 0 } = steps[second] ?? {};
    if (controlTrials === 0 || canaryTrials === 0) continue;
    const share = canaryTrials / (controlTrials + canaryTrials);
    const events = controlEvents + canaryEvents;
    log += canaryEvents * Math.log(assumed) - events * Math.log(1 - share + assumed * share);
    if (log >= Math.log(1 / alpha)) return second;
  }
  return null;
};

function power(title: string, cases: readonly Case[]): void {
  for (const ratio of [...new Set(cases.map((own) => own.ratio))].toSorted((a, b) => a - b)) {
    const own = cases.filter((one) => one.ratio === ratio);
    for (const [name, watch] of [
      ["judge", judged],
      ["oracle", oracle],
    ] as const) {
      const found = own.map((one) => ({ second: watch(one), onset: one.onset ?? 0 }));
      const delays = found.flatMap(({ second, onset }) => (second === null || second < onset ? [] : [second - onset]));
      const early = found.filter(({ second, onset }) => second !== null && second < onset).length;
      report(`${title}, x${ratio}, ${name}: called worse`, delays.length / own.length, "share", own.length);
      if (ratio === 1) continue;
      if (early > 0) report(`${title}, x${ratio}, ${name}: before onset`, early / own.length, "share", own.length);
      const middle = delays.toSorted((a, b) => a - b)[delays.length >> 1];
      if (middle !== undefined) report(`${title}, x${ratio}, ${name}: median delay`, middle, "s", delays.length);
    }
  }
}

function simulatedCases(runs: number): readonly Case[] {
  return [1.5, 2, 3, 5].flatMap((ratio, index) =>
    Array.from({ length: runs }, (_, run) => {
      const seed = 15_485_863 * (index + 1) + 31 * run;
      const onset = run % 5 < 3 ? 0 : 300;
      const readings = readingsOf("rate", seed, { seconds: 900, ratio, onset });
      return { ratio, onset, steps: [...readings].flatMap((reading) => (reading.kind === "rate" ? [reading] : [])) };
    }),
  );
}

const counts = z.object({ requests: z.array(z.number()), errors: z.array(z.number()) });
const streamFile = z.object({
  cases: z.array(z.object({ ratio: z.number(), onset: z.number().nullable(), control: counts, canary: counts })),
});
const series = z.array(z.number());
const pairFile = z.object({
  cases: z.array(z.object({ effect: z.number(), series: z.string(), control: series, experiment: series })),
});

function recorded<T>(name: string, schema: z.ZodType<T>): T | null {
  const file = `${data}/${name}`;
  return existsSync(file) ? schema.parse(JSON.parse(gunzipSync(readFileSync(file)).toString())) : null;
}

/** Nothing was chosen by the recorded streams, only by simulated ones; two halves show how far such a figure spreads. */
function halves<T>(cases: readonly T[]): readonly (readonly [string, readonly T[]])[] {
  return [
    ["even half", cases.filter((_, index) => index % 2 === 0)],
    ["odd half", cases.filter((_, index) => index % 2 === 1)],
    ["all", cases],
  ];
}

function recordedStreams(): void {
  const file = recorded("count-streams.json.gz", streamFile);
  if (file === null) return console.log(JSON.stringify({ bench: "canary", skipped: "recorded streams", machine }));
  const cases = file.cases.map(({ ratio, onset, control, canary }): Case => {
    const steps = control.requests.map((controlTrials, second) => ({
      controlTrials,
      controlEvents: control.errors[second] ?? 0,
      canaryTrials: canary.requests[second] ?? 0,
      canaryEvents: canary.errors[second] ?? 0,
    }));
    return { ratio, onset, steps };
  });
  for (const [name, own] of halves(cases)) power(`recorded streams, ${name}`, own);
}

function recordedPairs(): void {
  const file = recorded("pairs.json.gz", pairFile);
  if (file === null) return console.log(JSON.stringify({ bench: "canary", skipped: "recorded pairs", machine }));
  // The test was chosen by the tuned half. Halves by the series that cases are cut from: neighbours would give one away.
  const names = [...new Set(file.cases.map((own) => own.series))].toSorted();
  const isTuned = (own: { readonly series: string }): boolean => names.indexOf(own.series) % 2 === 0;
  for (const [name, own] of [
    ["tuned half", file.cases.filter(isTuned)],
    ["held-out half", file.cases.filter((one) => !isTuned(one))],
    ["all", file.cases],
  ] as const) {
    for (const effect of [...new Set(own.map((one) => one.effect))].toSorted((a, b) => a - b)) {
      const some = own.filter((one) => one.effect === effect);
      const worse = some.filter(({ control, experiment }) => judgePairs(control, experiment, alpha) === "worse").length;
      report(`recorded pairs, ${name}, x${effect}: called worse`, worse / some.length, "share", some.length);
    }
  }
}

const rounds = 21;

function medianMs(run: () => void): number {
  const times = Array.from({ length: rounds }, () => processorMs(run));
  return times.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
}

function speed(): void {
  const points = 60;
  const metrics = 200;
  const specs = Array.from({ length: metrics }, (_, index) => ({
    ...plainMetric,
    name: `m${index}`,
    kind: "rate" as const,
  }));
  const looks = specs.map((_, index) => [...readingsOf("rate", index, { ...equalArms, seconds: points })]);
  const judge = createCanaryJudge({ alpha, metrics: specs, freshForSeconds: 30 });
  const atEveryLook = medianMs(() => {
    let state = judge.initial;
    for (let second = 0; second < points; second++) {
      const samples = looks.map((own): Sample | null => {
        const reading = own[second];
        return reading === undefined ? null : { second, series: "a", reading };
      });
      state = judge.observe(state, second, samples);
    }
    judge.verdict(state, points);
  });
  report("200 rates x 60 points, at every look", atEveryLook, "ms of processor time", rounds);
  const valued = specs.map((_, index) =>
    [...readingsOf("gauge", index, { ...equalArms, seconds: points })].flatMap((own) =>
      own.kind === "gauge" ? [own] : [],
    ),
  );
  const atTheEnd = medianMs(() => {
    for (const own of valued)
      judgePairs(
        own.map(({ control }) => control),
        own.map(({ canary }) => canary),
        alpha,
      );
  });
  report("200 series x 60 points, once at the end", atTheEnd, "ms of processor time", rounds);
  for (const kind of streamKinds)
    report(`one look at one metric, ${kind}`, updateMicroseconds(kind), "us of processor time", rounds);
}

function updateMicroseconds(kind: StreamKind): number {
  const readings: readonly Reading[] = [...readingsOf(kind, 5, equalArms)];
  const judge = createCanaryJudge({ alpha, metrics: [specFor(kind)], freshForSeconds: 30 });
  const ms = medianMs(() => {
    let state = judge.initial;
    for (const [second, reading] of readings.entries()) {
      state = judge.observe(state, second, [{ second, series: "a", reading }]);
    }
  });
  return (1000 * ms) / readings.length;
}

const part = process.env["TIDEGATE_BENCH_PART"] ?? "all";
if (part === "back") await waysBack(report);
if (part === "judge" || part === "all") {
  speed();
  recordedStreams();
  recordedPairs();
  power("simulated streams", simulatedCases(Math.min(1000, streams)));
  for (const kind of streamKinds) validity(kind);
  validityAcross(Math.ceil(streams / 10));
}
if (part === "failed" || part === "all") {
  simulatedFailures(report, Math.min(1000, streams));
  await fleetFailures(report);
}
