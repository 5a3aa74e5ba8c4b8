import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import {
  aFreeze,
  anApproval,
  anEnvironment,
  aPerson,
  aRoute,
  aService,
  aWindow,
  at,
  peopleOf,
  someFacts,
} from "#core/testing.ts";

/**
 * How long one verdict takes in process, with all reasons, the next joint opening, the ways out and the digest of the
 * facts: different services, instants, windows and freezes each time, so nothing is answered from a memory of before.
 */
const warmUp = 500;
const samples = 3000;

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

function factsOf(n: number): Facts {
  const now = at("2026-01-05T00:00Z").add({ minutes: (n * 7919) % (300 * 1440) });
  const windows = [0, 1, 2].map((k) => {
    const window = aWindow({ name: `window-${k}` });
    return { ...window, rule: { ...window.rule, rrule: `FREQ=WEEKLY;BYDAY=${days[(n + k * 2) % 7]}` } };
  });
  const month = String(1 + (n % 9)).padStart(2, "0");
  const freezes = [1, 2, 3].map((k) =>
    aFreeze(`2026-${month}-0${k}T18:00`, `2026-${month}-1${k}T06:00`, { name: `freeze-${k}` }),
  );
  const names = Array.from({ length: 12 }, (_, k) => `person-${k}`);
  return someFacts({
    at: now,
    service: aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: ">=3.2" }] }),
    environment: anEnvironment({ windows: "required" }),
    windows,
    freezes,
    routes: [aRoute({ approvals: n % 3 })],
    people: peopleOf(...names.map((name) => aPerson(name))),
    approvals: [anApproval("person-1"), anApproval("person-2")].slice(0, n % 3),
    deployed: [
      {
        service: "pricing",
        version: n % 5 === 0 ? "3.1.0" : "3.2.0",
        environment: "prod-emea",
        since: at("2025-01-01T00:00Z"),
      },
    ],
    durations: [
      {
        service: "cart",
        environment: "prod-emea",
        p95: Temporal.Duration.from("PT40M"),
        rollbackP95: Temporal.Duration.from("PT15M"),
      },
    ],
    locks: n % 4 === 0 ? [{ key: "environment:prod-emea", holder: "dep_1", fence: n, until: null }] : [],
  });
}

const options = { hash: sha256, zoneData: process.versions["tz"] ?? "unknown" };
const times: number[] = [];
for (let n = 0; n < warmUp + samples; n++) {
  const facts = factsOf(n);
  const startedAt = performance.now();
  evaluate(rules, facts, options);
  if (n >= warmUp) times.push(performance.now() - startedAt);
}
times.sort((a, b) => a - b);
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model ?? "unknown"}, Node ${process.version}`;
for (const [metric, share] of [
  ["evaluate p50", 0.5],
  ["evaluate p99", 0.99],
] as const) {
  const value = Number((times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(4));
  console.log(JSON.stringify({ bench: "verdict", metric, value, unit: "ms", samples, machine }));
}
