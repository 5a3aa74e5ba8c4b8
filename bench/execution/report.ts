import { cpus } from "node:os";

const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

/** Prints one figure as a JSON line. */
export function line(metric: string, value: number, unit: string, samples: number): void {
  const rounded = Number(value.toPrecision(4));
  console.log(JSON.stringify({ bench: "execution", metric, value: rounded, unit, samples, machine }));
}

/** Prints quantiles of some milliseconds, and the longest. */
export function quantiles(metric: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  for (const share of [0.5, 0.99, 1]) {
    line(`${metric}, ${share === 1 ? "longest" : `p${share * 100}`}`, at(share), "ms", times.length);
  }
}

/** Calls `act` so often, `lanes` at a time; returns per second. */
export async function rate(count: number, lanes: number, act: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await act(index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 1000) / (performance.now() - startedAt);
}
