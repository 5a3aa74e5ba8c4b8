/**
 * How long a back-test of 10,000 recorded verdicts takes, and how much memory it holds: the use case over verdicts of the
 * example organisation with its calendar, made on the fly as the store would read them. One thread.
 */
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { factsFrom, checkSources } from "#config/world.ts";
import { canonical } from "#core/audit/canonical.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsToJson } from "#core/policy/facts-codec.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { makeBackTest, type RecordedVerdict } from "#usecases/policy/back-test.ts";

const machine = `${cpus()[0]?.model ?? "unknown"} x${cpus().length}, node ${process.versions.node}`;
const total = Number(process.env["VERDICTS"] ?? 10_000);
const since = Temporal.Instant.from("2026-03-02T08:00:00Z");
const judge = (facts: Facts): Verdict => evaluate(rules, facts, { hash: sha256Of, zoneData: zoneData() });

function report(metric: string, value: number, unit: string): void {
  const figure = Number(value.toPrecision(4));
  console.log(JSON.stringify({ bench: "back-test", metric, value: figure, unit, samples: total, machine }));
}

const folder = new URL("../examples/boutique/", import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") }));
const { world, documents } = checkSources(files);
if (world === null) throw new Error("the example cannot be read");
const services = [...world.organisation.services.keys()];
const environments = [...world.organisation.environments.keys()];

/** The verdict of one place, service and hour; equal numbers give equal verdicts. */
function recorded(number: number): RecordedVerdict {
  if (world === null) throw new Error("no world");
  const at = since.add({ minutes: number * 13 });
  const subject = {
    service: services[number % services.length] ?? "",
    version: "1.0.0",
    environment: environments[number % environments.length] ?? "",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  } as const;
  const facts = factsFrom(world, subject, at, at.add({ hours: 24 * 60 }));
  const place = {
    id: `vrd_${number}`,
    deployment: `dep_${number}`,
    isLast: true,
    state: "succeeded",
    next: String(number),
  } as const;
  return {
    ...place,
    at,
    zoneData: zoneData(),
    verdict: verdictText(judge(facts)),
    facts: canonical(factsToJson(facts)),
  };
}

const draft = `kind: Window
metadata: { name: bench-nights }
spec: { scope: {}, zone: Europe/Berlin, start: "2026-01-05T01:00", rrule: FREQ=DAILY, end: "03:00" }
---
kind: Policy
metadata: { name: bench-soak }
spec: { level: central, owner: ${[...world.organisation.teams.keys()][0] ?? ""}, scope: {}, settings: { stabilisation: { lasts: PT4H } } }
`;

/** Time and memory that making the verdicts takes is not the back-test's. */
let makingMs = 0;
let highest = 0;
const backTest = makeBackTest({
  judge,
  textOf: verdictText,
  replay: () => "different",
  documents: async () => documents,
  verdicts: async ({ after }, limit) => {
    const begun = performance.now();
    const first = after === null ? 0 : Number(after) + 1;
    const page = Array.from({ length: Math.max(0, Math.min(limit, total - first)) }, (_, index) =>
      recorded(first + index),
    );
    makingMs += performance.now() - begun;
    highest = Math.max(highest, process.memoryUsage().heapUsed);
    return page;
  },
  count: async () => total,
  stopwatch: () => performance.now(),
});

const asked = {
  files: [{ path: "draft.yaml", text: draft }],
  remove: [],
  since,
  until: since.add({ hours: 24 * 365 }),
  limit: 1000,
};
const begun = performance.now();
let [after, judged, reproduced, changed, answers]: [string | null, number, number, number, number] = [null, 0, 0, 0, 0];
do {
  const page = await backTest({ ...asked, after });
  if (!page.ok) throw new Error(JSON.stringify(page.error));
  judged += page.value.judged;
  reproduced += page.value.replay.reproduced;
  changed += page.value.changes.length;
  answers++;
  after = page.value.next;
} while (after !== null);
const seconds = (performance.now() - begun - makingMs) / 1000;
report("judged", judged, "verdicts");
report("reproduced", reproduced, "verdicts");
report("changed", changed, "verdicts");
report("answers", answers, "calls");
report("time", seconds, "s");
report("per verdict", (seconds * 1000) / judged, "ms");
report("highest heap", highest / (1024 * 1024), "MiB");
