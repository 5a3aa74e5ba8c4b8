/**
 * How long one verdict takes in process over the catalogue of quality-goals.md §7: all findings, the next joint opening
 * within 60 days and the ways out; beside it the facts that it is judged on and the digest by which it is stored.
 * Services and instants are drawn at random, so hardly any question comes twice; collections count. Cedar answers yes or
 * no to policies of its own in between, so that a busy machine slows both. A sum over verdicts and their digests tells
 * whether a faster way still says the same: between two commits that change no rule it is the same, byte for byte.
 */
import { cpus } from "node:os";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { factsFor } from "#core/world/facts-for.ts";
import { keyOf, rowsOf, withRows, type World } from "#core/world/world.ts";
import { sha256Of } from "#runtime/digest.ts";
import { catalogue, drawSubject, now, randomOf, sizes } from "./verdict/catalogue.ts";
import { askCedar, cedarPolicies } from "./verdict/cedar.ts";
import { measureHttp } from "./verdict/over-http.ts";

const warmUp = 15_000;
const samples = 10_000;
const horizonDays = 60;
/** Verdicts that go into the sum. */
const summed = 2_000;
const changes = 20_000;
/** Every so many verdicts Cedar is asked once. */
const cedarEvery = 5;

const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

function report(metric: string, value: number, unit: string, count: number): void {
  const rounded = Number(value.toPrecision(4));
  console.log(JSON.stringify({ bench: "verdict", metric, value: rounded, unit, samples: count, machine }));
}

/** Prints what of the times is asked about, and gives back the median. */
function quantiles(metric: string, times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const of = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  for (const [name, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
    ["p99.9", 0.999],
    ["max", 1],
  ] as const) {
    report(`${metric} ${name}`, of(share), "ms", times.length);
  }
  return of(0.5);
}

function timed<T>(times: number[], run: () => T): T {
  const begun = performance.now();
  const done = run();
  times.push(performance.now() - begun);
  return done;
}

interface Times {
  readonly facts: number[];
  readonly evaluate: number[];
  readonly digest: number[];
  readonly cedar: number[];
}

function measureVerdicts(world: World): void {
  const random = randomOf(23);
  const environments = [...world.organisation.environments.values()];
  const options = { hash: sha256Of, zoneData: process.versions["tz"] ?? "unknown" };
  const cedar = askCedar();
  let times: Times = { facts: [], evaluate: [], digest: [], cedar: [] };
  const decisions = new Map<Verdict["decision"], number>();
  let openings = 0;
  let waysOut = 0;
  for (let n = -warmUp; n < samples; n++) {
    if (n === 0) times = { facts: [], evaluate: [], digest: [], cedar: [] };
    const subject = drawSubject(random, environments);
    const at = now.add({ minutes: Math.floor(random() * 14 * 1440) });
    const horizon = at.add({ hours: 24 * horizonDays });
    const facts = timed(times.facts, () => factsFor(world, subject, at, horizon));
    const verdict = timed(times.evaluate, () => evaluate(rules, facts, options));
    timed(times.digest, () => verdict.factsDigest);
    if (n % cedarEvery === 0)
      timed(times.cedar, () => cedar(Math.floor(random() * sizes.services), subject.environment));
    if (n < 0) continue;
    decisions.set(verdict.decision, (decisions.get(verdict.decision) ?? 0) + 1);
    if (verdict.nextOpening !== null) openings += 1;
    waysOut += verdict.counterfactuals.length;
  }
  for (const [decision, count] of decisions) report(`share of ${decision}`, count / samples, "1", samples);
  report("verdicts with a next opening", openings / samples, "1", samples);
  report("ways out per verdict", waysOut / samples, "1", samples);
  report("rules", rules.length, "1", 1);
  reportTimes(times);
}

/** Versions of rules and zone data are left out of it: they may change without another answer. */
function sumOf(world: World): string {
  const random = randomOf(77);
  const environments = [...world.organisation.environments.values()];
  const unversioned = rules.map((rule) => ({ ...rule, version: "" }));
  let sum = "";
  for (let n = 0; n < summed; n++) {
    const subject = drawSubject(random, environments);
    const at = now.add({ minutes: Math.floor(random() * 14 * 1440) });
    const facts = factsFor(world, subject, at, at.add({ hours: 24 * horizonDays }));
    sum = sha256Of(`${sum}${JSON.stringify(evaluate(unversioned, facts, { hash: sha256Of, zoneData: "" }))}`);
  }
  return sum;
}

function reportTimes(times: Times): void {
  const verdict = quantiles("evaluate", times.evaluate);
  quantiles("facts of one question", times.facts);
  quantiles("digest of the facts", times.digest);
  const sums = times.evaluate.map((ms, n) => ms + (times.facts[n] ?? 0) + (times.digest[n] ?? 0));
  quantiles("facts, evaluate and digest", sums);
  const cedar = quantiles(`Cedar, ${cedarPolicies} policies read before, yes or no`, times.cedar);
  report("Cedar p50 / evaluate p50", cedar / verdict, "1", times.cedar.length);
}

function measureChanges(world: World): void {
  const random = randomOf(29);
  const environments = [...world.organisation.environments.values()];
  const times: number[] = [];
  let changed = world;
  for (let n = 0; n < changes; n++) {
    const { service, environment } = drawSubject(random, environments);
    const key = keyOf(environment, service);
    const row = { id: "bok_new", service, version: "2.0.0", environment, from: now, to: now.add({ minutes: 30 }) };
    changed = timed(times, () => withRows(changed, "bookings", key, [...rowsOf(changed, "bookings", key), row]));
  }
  quantiles(`one of ${sizes.bookings} bookings replaced`, times);
}

const begun = performance.now();
const world = catalogue();
report("catalogue made", performance.now() - begun, "ms", 1);
measureVerdicts(world);
console.log(
  JSON.stringify({ bench: "verdict", metric: "sum of verdicts", value: sumOf(world), samples: summed, machine }),
);
measureChanges(world);
await measureOverHttp(world);

async function measureOverHttp(over: World): Promise<void> {
  const rate = Number(process.env["TIDEGATE_BENCH_RATE"] ?? 2_000);
  const {
    times,
    errors,
    cpu: shares,
    perSecond,
    factsReadMs,
    bookings,
    rejudged,
  } = await measureHttp(over, {
    perSecond: rate,
    seconds: 10,
    warmUpSeconds: 5,
  });
  quantiles(`POST /v1/verdicts, ${rate} questions a second`, [...times]);
  report("POST /v1/verdicts answered", perSecond, "1/s", times.length);
  report("POST /v1/verdicts errors", errors, "1", times.length);
  for (const [name, share] of Object.entries(shares))
    report(`processor time of the ${name} per question`, share, "ms", times.length);
  report(`facts of ${bookings} open bookings read into memory`, factsReadMs, "ms", 1);
  report("open bookings judged again after a freeze of all of them", rejudged.ms, "ms", rejudged.work);
  report("of them, those told otherwise on record", rejudged.toldMs, "ms", rejudged.notices);
}
