import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { whyFromFolder } from "#cli/policy/why-offline.ts";

const event = (lines: string): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//test//EN",
    "BEGIN:VEVENT",
    "UID:fair",
    "DTSTAMP:20260101T000000Z",
    ...lines.split("\n"),
    "END:VEVENT",
    "END:VCALENDAR",
  ]
    .map((line) => `      ${line}`)
    .join("\n");

function folderWith(lines: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tidegate-offline-"));
  writeFileSync(
    path.join(folder, "all.yaml"),
    `kind: Service
metadata: { name: shop }
spec: { unit: retail, team: web, tier: 1 }
---
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, protected: true, windows: optional }
---
kind: Calendar
metadata: { name: campaigns }
spec:
  scope: { environments: [prod] }
  zone: Europe/Berlin
  owner: retail
  source:
    inline: |
${event(lines)}
  effects:
    - { match: {}, effect: blackout, strength: hard }
`,
  );
  return folder;
}

const about = { service: "shop", version: "1.0.0", environment: "prod", action: "deploy", class: "normal" } as const;
const during = Temporal.Instant.from("2026-11-27T10:00:00Z");

test("an event of an inline calendar closes a folder as it closes a server", async () => {
  const folder = folderWith("SUMMARY:Fair\nDTSTART:20261127T080000Z\nDTEND:20261127T200000Z");
  try {
    const frozen = await whyFromFolder(folder, about, during);
    assert.equal(frozen.verdict, "wait");
    assert.equal(frozen.nextOpening, "2026-11-27T20:00:00Z");
    assert.equal((await whyFromFolder(folder, about, Temporal.Instant.from("2026-11-28T10:00:00Z"))).verdict, "allow");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an inline calendar that cannot be read is refused and never open by accident", async () => {
  const folder = folderWith(
    "SUMMARY:Fair\nDTSTART;TZID=Mars/Base:20261127T080000\nDTEND;TZID=Mars/Base:20261127T200000",
  );
  try {
    await assert.rejects(whyFromFolder(folder, about, during), /calendar campaigns.*cannot be read/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
