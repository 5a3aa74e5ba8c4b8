import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { createJudge, type CanaryMetric, type CanaryVerdict, type Increments } from "#core/rollout/judge.ts";

/** A small generator with a seed (xorshift), so that a failing run can be repeated. */
function generator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function poisson(random: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > limit) {
    product *= random();
    count++;
  }
  return count;
}

function binomial(random: () => number, trials: number, rate: number): number {
  let count = 0;
  for (let i = 0; i < trials; i++) if (random() < rate) count++;
  return count;
}

interface World {
  readonly seed: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly share: number;
  readonly errorRate: number;
  /** Factor on the canary's error rate. */
  readonly ratio?: number;
  /** Buckets by which the canary's latency is shifted. */
  readonly shift?: number;
  /** Every so many seconds errors burst tenfold in both arms. */
  readonly burstEvery?: number;
}

function* secondsOf(world: World): Generator<Increments> {
  const random = generator(world.seed);
  for (let second = 0; second < world.seconds; second++) {
    const burst = world.burstEvery !== undefined && second % world.burstEvery < 10 ? 10 : 1;
    const arm = (share: number, ratio: number, shift: number) => {
      const requests = poisson(random, world.perSecond * share);
      const latency = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let i = 0; i < requests; i++) {
        // Heavy tail: each further bucket is half as likely, so many requests tie in the first.
        const bucket = Math.min(7, Math.floor(-Math.log2(1 - random())) + shift);
        latency[bucket] = (latency[bucket] ?? 0) + 1;
      }
      return { requests, errors: binomial(random, requests, Math.min(0.9, world.errorRate * ratio * burst)), latency };
    };
    yield { control: arm(1 - world.share, 1, 0), canary: arm(world.share, world.ratio ?? 1, world.shift ?? 0) };
  }
}

/** Looks after every second; the first look that says worse ends it. */
function watch(world: World, metrics: readonly CanaryMetric[], alpha = 0.01) {
  const judge = createJudge({ alpha, margin: 0.5, metrics });
  let state = judge.initial;
  let second = 0;
  let verdict: CanaryVerdict = judge.verdict(state);
  for (const increments of secondsOf(world)) {
    state = judge.observe(state, increments);
    verdict = judge.verdict(state);
    if (verdict.outcome === "worse") return { verdict, second };
    second++;
  }
  return { verdict, second: null };
}

for (const [name, world, metrics] of [
  ["plain traffic", { perSecond: 20, share: 0.3, errorRate: 0.02 }, ["errors"]],
  ["bursts of errors in both arms", { perSecond: 20, share: 0.2, errorRate: 0.02, burstEvery: 60 }, ["errors"]],
  ["heavy-tailed latency with ties", { perSecond: 12, share: 0.3, errorRate: 0 }, ["latency"]],
  ["both metrics together", { perSecond: 12, share: 0.5, errorRate: 0.05 }, ["errors", "latency"]],
] as const) {
  test(`an equal canary under ${name} raises a false alarm in at most alpha of the runs, looked at every second`, (t) => {
    const runs = 300;
    const alpha = 0.05; // a larger alpha shows a broken guarantee with fewer runs
    let alarms = 0;
    for (let seed = 1; seed <= runs; seed++) {
      if (watch({ ...world, seed: seed * 7919, seconds: 300 }, metrics, alpha).second !== null) alarms++;
    }
    t.diagnostic(`${alarms} alarms in ${runs} runs at alpha ${alpha}`);
    // Three standard errors above alpha: 5 % + 3.8 % of 300.
    assert.ok(alarms <= 26, `${alarms} alarms in ${runs}`);
  });
}

test("a canary with five times the errors is worse within a minute, and zero per cent is due", () => {
  const { verdict, second } = watch(
    { seed: 11, seconds: 60, perSecond: 400, share: 0.05, errorRate: 0.004, ratio: 5.25 },
    ["errors", "latency"],
  );
  assert.equal(verdict.outcome, "worse");
  assert.ok(second !== null && second < 60);
});

test("a canary that answers more slowly is worse although its errors are fewer", () => {
  const world = { seed: 5, seconds: 120, perSecond: 50, share: 0.25, errorRate: 0.01, ratio: 0.1, shift: 2 };
  const { verdict } = watch(world, ["errors", "latency"]);
  assert.equal(verdict.outcome, "worse");
  assert.equal(verdict.metrics.find(({ metric }) => metric === "latency")?.outcome, "worse");
});

test("forty requests without an error are not enough, and the judge says how many more it takes", () => {
  const judge = createJudge({ alpha: 0.01, margin: 0.5, metrics: ["errors"] });
  const arm = (requests: number) => ({ requests, errors: 0, latency: [requests] });
  const verdict = judge.verdict(judge.observe(judge.initial, { control: arm(760), canary: arm(40) }));
  assert.equal(verdict.outcome, "not-enough");
  assert.ok(verdict.furtherRequests !== null && verdict.furtherRequests > 100 && verdict.furtherRequests < 2000);
  const more = judge.observe(judge.observe(judge.initial, { control: arm(760), canary: arm(40) }), {
    control: arm(9000),
    canary: arm(verdict.furtherRequests),
  });
  assert.equal(judge.verdict(more).outcome, "not-worse", "the estimate holds when nothing changes");
});

test("no traffic is never health, however long it lasts", () => {
  const judge = createJudge({ alpha: 0.01, margin: 0.5, metrics: ["errors", "latency"] });
  const silent = { requests: 0, errors: 0, latency: [0, 0] };
  const busy = { requests: 100, errors: 1, latency: [95, 5] };
  let state = judge.initial;
  for (let second = 0; second < 3600; second++) state = judge.observe(state, { control: busy, canary: silent });
  const verdict = judge.verdict(state);
  assert.equal(verdict.outcome, "not-enough");
  assert.equal(verdict.furtherRequests, null);
});

test("an alarm stands when the canary is quiet afterwards", () => {
  const judge = createJudge({ alpha: 0.01, margin: 0.5, metrics: ["errors"] });
  const arm = (requests: number, errors: number) => ({ requests, errors, latency: [requests] });
  let state = judge.observe(judge.initial, { control: arm(1000, 4), canary: arm(1000, 40) });
  assert.equal(judge.verdict(state).outcome, "worse");
  for (let second = 0; second < 600; second++)
    state = judge.observe(state, { control: arm(100, 1), canary: arm(100, 0) });
  assert.equal(judge.verdict(state).outcome, "worse");
});

test("equal inputs give equal verdicts, byte for byte, also when the state was stored in between", () => {
  const judge = createJudge({ alpha: 0.01, margin: 0.5, metrics: ["errors", "latency"] });
  const world = { seed: 3, seconds: 100, perSecond: 30, share: 0.3, errorRate: 0.02, ratio: 1.5 };
  let kept = judge.initial;
  let stored = judge.initial;
  for (const increments of secondsOf(world)) {
    kept = judge.observe(kept, increments);
    stored = judge.observe(JSON.parse(JSON.stringify(stored)), increments);
  }
  assert.equal(JSON.stringify(judge.verdict(stored)), JSON.stringify(judge.verdict(kept)));
});

for (const settings of [
  { alpha: 0, margin: 0.5, metrics: ["errors"] },
  { alpha: 0.01, margin: 0, metrics: ["errors"] },
  { alpha: 0.01, margin: 0.5, metrics: [] },
] as const) {
  test(`settings without meaning are refused: ${JSON.stringify(settings)}`, () => {
    assert.throws(() => createJudge(settings), RangeError);
  });
}

interface Stream {
  readonly ratio: number;
  readonly onset: number | null;
  readonly control: { readonly requests: readonly number[]; readonly errors: readonly number[] };
  readonly canary: { readonly requests: readonly number[]; readonly errors: readonly number[] };
}

const streams = new URL("../../../../shared/data/canary/count-streams.json.gz", import.meta.url);
const skip = existsSync(streams) ? false : "the recorded streams are not part of the repository";

test("recorded streams: few false alarms, and detection close to what an omniscient judge reaches", { skip }, (t) => {
  const { cases }: { cases: readonly Stream[] } = JSON.parse(gunzipSync(readFileSync(streams)).toString());
  const judge = createJudge({ alpha: 0.01, margin: 0.5, metrics: ["errors"] });
  const found = new Map<number, { cases: number; early: number; delays: number[] }>();
  for (const { ratio, onset, control, canary } of cases) {
    const row = found.get(ratio) ?? { cases: 0, early: 0, delays: [] };
    found.set(ratio, row);
    row.cases++;
    let state = judge.initial;
    for (let second = 0; second < control.requests.length; second++) {
      const arm = ({ requests, errors }: Stream["control"]) => ({
        requests: requests[second] ?? 0,
        errors: errors[second] ?? 0,
        latency: [],
      });
      state = judge.observe(state, { control: arm(control), canary: arm(canary) });
      if (judge.verdict(state).outcome !== "worse") continue;
      if (onset !== null && second < onset) row.early++;
      else row.delays.push(second - (onset ?? 0));
      break;
    }
  }
  const share = (ratio: number) => (found.get(ratio)?.delays.length ?? 0) / (found.get(ratio)?.cases ?? 1);
  for (const [ratio, { cases: count, early, delays }] of [...found].toSorted(([a], [b]) => a - b)) {
    const middle = delays.toSorted((a, b) => a - b)[delays.length >> 1];
    t.diagnostic(`x${ratio}: ${delays.length} of ${count} called worse, median ${middle ?? "-"} s, ${early} early`);
  }
  assert.ok(share(1) <= 0.02);
  assert.ok(share(2) >= 0.6 && share(3) >= 0.9 && share(5) >= 0.9);
});
