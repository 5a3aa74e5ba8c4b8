/**
 * "When" against a scan minute by minute over 60 days that shares no code with the engine: random configurations, how
 * many of them differ, and how long the engine and the scan take. Ends with an error at the first difference.
 */
import { cpus } from "node:os";
import * as fc from "fast-check";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { fakeHash } from "#core/testing.ts";
import { configurations } from "#test/when/configuration.ts";
import { scanForOpening } from "#test/when/minute-scan.ts";

const tried = 10_000;
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;

function report(metric: string, value: number, unit: string): void {
  console.log(JSON.stringify({ bench: "when", metric, value, unit, samples: tried, machine }));
}

let atOnce = 0;
let later = 0;
let never = 0;
const engineMs: number[] = [];
const scanMs: number[] = [];
fc.assert(
  fc.property(configurations, ({ facts, base, minutes }) => {
    const begun = performance.now();
    const { nextOpening } = evaluate(rules, facts, { hash: fakeHash, zoneData: "any" });
    const judged = performance.now();
    const scanned = scanForOpening(facts, base, minutes);
    scanMs.push(performance.now() - judged);
    engineMs.push(judged - begun);
    if ((nextOpening?.epochMilliseconds ?? null) !== (scanned === null ? null : scanned * 60_000)) {
      throw new Error(`the engine says ${String(nextOpening)}, the scan minute ${String(scanned)}`);
    }
    if (scanned === null) never += 1;
    else if (nextOpening?.equals(facts.at) === true) atOnce += 1;
    else later += 1;
  }),
  { numRuns: tried },
);
const median = (times: number[]): number =>
  Number((times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(3));
report("differ from a scan by the minute", 0, "configurations");
report("open at once", atOnce, "configurations");
report("open later", later, "configurations");
report("never open", never, "configurations");
report("engine p50, nothing known before", median(engineMs), "ms");
report("scan p50", median(scanMs), "ms");
