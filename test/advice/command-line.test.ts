import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { runCommandLine } from "#cli/program.ts";
import { hoursOfWeek } from "#core/calendar/advice/load-profile.ts";
import { sampleWorld } from "#test/support/calendar-plane.ts";

const hours = Array.from({ length: hoursOfWeek }, (_, place) => (place === 27 || place === 28 ? 5 : 80));
const files = {
  "world.yaml": sampleWorld,
  "rota.yaml": `kind: Rota
metadata: { name: checkout-on-call }
spec:
  team: checkout
  zone: Europe/Berlin
  shifts: [{ name: long-day, start: 2026-01-05T06:00, rrule: FREQ=DAILY, end: "03:00", persons: [ann, bob] }]
`,
  "state.yaml": `kind: State
spec:
  durations: [{ service: checkout-api, environment: prod-emea, p95: PT1H, rollbackP95: PT30M }]
  loadProfiles:
    - { service: checkout-api, environment: prod-emea, hours: [${hours.join(", ")}] }
    - service: ledger-core
      environment: prod-emea
      hours: [${hours.join(", ")}]
      batches: [{ name: close-of-day, from: "22:00", to: "02:00" }]
  # By hand, so that the shift ends later in the night in which the advice is asked for.
  swaps: [{ team: checkout, person: bob, from: 2026-03-24T02:00:00Z, to: 2026-03-24T05:00:00Z }]
`,
};

async function run(...args: readonly string[]): Promise<{ exit: number; out: string; talk: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), "tidegate-advice-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    let [out, talk] = ["", ""];
    const settings = {
      version: "0",
      env: {},
      write: (data: string) => void (out += data),
      say: (line: string) => void (talk += `${line}\n`),
      interrupted: new AbortController().signal,
      local: [],
    };
    const exit = await runCommandLine(settings, [...args, "--from", folder]);
    return { exit, out, talk };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const advice = [
  "calendar",
  "advise",
  "checkout-api@5.0.0",
  "--to",
  "prod-emea",
  "--since",
  "2026-03-23T11:00[Europe/Berlin]",
];

test("advice from a folder names the trough of the week first", async () => {
  const { exit, out, talk } = await run(...advice, "--risk", "high", "-o", "json");
  assert.equal(exit, 0, talk);
  const { slots } = z
    .object({ slots: z.array(z.object({ from: z.string(), score: z.number() })) })
    .parse(JSON.parse(out));
  assert.equal(slots[0]?.from, "2026-03-24T02:00:00Z");
});

test("advice for people has scores, reasons and what is in the way now", async () => {
  const { out } = await run(...advice);
  assert.match(out, /^checkout-api@5\.0\.0 → prod-emea: high risk, 90 min with the way back\n/);
  assert.match(out, /Tue 24 Mar 2026 03:00 Europe\/Berlin/);
  assert.match(out, /No batch of ledger-core runs/);
  assert.match(out, /not now: quiet-hours: High risk at peak/);
  assert.match((await run(...advice, "--risk", "enormous")).talk, /--risk takes low or high/);
});

test("cover from a folder names the gap, who could step in, and exits as denied", async () => {
  const cover = ["calendar", "cover", "checkout-api", "--to", "prod-emea"];
  const { exit, out } = await run(...cover, "--at", "2026-03-28T01:00[Europe/Berlin]");
  assert.equal(exit, 3);
  assert.match(out, /gap of checkout from Sat 28 Mar 2026 03:00 .* to Sat 28 Mar 2026 06:00/);
  assert.match(out, /→ ann: does the shift long-day\n.*→ bob: does the shift long-day/);
  const covered = await run(...cover, "--at", "2026-03-24T03:00[Europe/Berlin]");
  assert.deepEqual([covered.exit, /└─ covered/.test(covered.out)], [0, true]);
  assert.equal((await run("calendar", "cover", "cart", "--to", "prod-emea", "--at", "2026-03-28T00:00Z")).exit, 2);
});
