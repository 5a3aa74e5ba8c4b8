import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const program = fileURLToPath(new URL("../../src/main/tidegate.ts", import.meta.url));
const found = z.object({ hints: z.array(z.object({ code: z.string(), name: z.string(), message: z.string() })) });

const organisation = `kind: Environment
metadata: { name: prod-apac }
spec: { zone: Australia/Sydney }
---
kind: Service
metadata: { name: cart }
spec: { unit: retail, team: checkout, tier: 1 }
---
kind: Person
metadata: { name: ann }
spec: { roles: [approver], zone: Europe/Berlin, hours: [{ days: [MO, TU, WE, TH, FR], from: "09:00", to: "17:00" }] }
---
kind: ApprovalRoute
metadata: { name: all }
spec: { scope: {}, approvals: 1, roles: [approver] }
---
kind: Window
metadata: { name: sunday }
spec: { scope: {}, zone: target, start: 2026-01-04T01:00, rrule: FREQ=WEEKLY;BYDAY=SU, end: "03:00" }
---
kind: State
metadata: { name: measured }
spec: { durations: [{ service: cart, environment: prod-apac, p95: PT90M, rollbackP95: PT45M }] }
`;

function lint(folder: string, ...flags: readonly string[]): z.output<typeof found> {
  const args = ["--disable-warning=ExperimentalWarning", program, "calendar", "lint", folder, "-o", "json"];
  const run = spawnSync(process.execPath, [...args, "--at", "2026-01-01T00:00Z", "--least-hours", "0", ...flags], {
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stderr);
  return found.parse(JSON.parse(run.stdout));
}

test("a folder is linted by the durations and the waking hours that it states", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tidegate-lint-"));
  try {
    writeFileSync(path.join(folder, "all.yaml"), organisation);
    const { hints } = lint(folder);
    assert.deepEqual(
      hints.map(({ code, name }) => [code, name]),
      [
        ["too-short", "sunday"],
        ["approvers-never-awake", "sunday"],
      ],
    );
    assert.match(hints[0]?.message ?? "", /PT2H15M, which cart needs in prod-apac/);
    assert.match(hints[1]?.message ?? "", /ann \(Europe\/Berlin\)/);
    const other = lint(folder, "--usual-run", "PT1H", "--decision-time", "PT48H");
    assert.deepEqual(other.hints, []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
