import { catalogue } from "./catalogue.ts";
import { measureHttp } from "./http/verdicts.ts";
const figures = await measureHttp(catalogue(), {
  perSecond: Number(process.argv[2] ?? 2000),
  seconds: Number(process.argv[3] ?? 10),
  warmUpSeconds: 5,
});
const sorted = figures.times.toSorted();
const q = (s: number) => sorted[Math.floor(s * (sorted.length - 1))];
console.log({ ...figures, times: undefined, p50: q(0.5), p99: q(0.99), p999: q(0.999), max: q(1), n: sorted.length });
