import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import { writeCalendar } from "#connectors/ical/write-calendar.ts";
import type { FeedEntry } from "#core/calendar/business/feed.ts";
import { freePorts } from "#test/support/free-ports.ts";

const program = "/usr/bin/radicale";

/** A CalDAV server of its own on loopback, without users; ended when the test is over. */
async function startRadicale(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tg-radicale-"));
  const port = await freePorts(1);
  const config = join(folder, "config");
  const settings = [
    `[server]\nhosts = 127.0.0.1:${port}`,
    "[auth]\ntype = none",
    `[storage]\nfilesystem_folder = ${join(folder, "data")}`,
  ];
  writeFileSync(config, `${settings.join("\n")}\n`);
  const child = spawn(program, ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
  t.after(async () => {
    const gone = once(child, "exit");
    if (child.kill("SIGTERM")) await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(base).then(
        () => true,
        () => false,
      )
    )
      return base;
    await delay(100);
  }
  throw new Error("Radicale does not answer");
}

const from = Temporal.Instant.from("2026-11-27T07:00:00Z");

function entry(uid: string, change: Partial<FeedEntry> = {}): FeedEntry {
  return {
    uid,
    sequence: 2,
    changedAt: from,
    from,
    to: from.add({ hours: 1 }),
    summary: `Freeze: ${uid}; a, b → ü`,
    description: `${"A long line that has to be folded. ".repeat(6)}\nSecond line.`,
    category: "booking",
    status: "CONFIRMED",
    ...change,
  };
}

test(
  "a CalDAV server takes a feed as a collection and finds its events by time",
  { skip: existsSync(program) ? false : "radicale is not installed" },
  async (t) => {
    const base = await startRadicale(t);
    const collection = `${base}/rita/releases/`;
    const later = from.add({ hours: 24 * 30 });
    const text = writeCalendar("Releases", [
      entry("bkg_1@tidegate.dev"),
      entry("bkg_2@tidegate.dev", { status: "CANCELLED", from: later, to: later.add({ hours: 1 }) }),
    ]);
    const headers = { authorization: `Basic ${btoa("rita:x")}`, "content-type": "text/calendar; charset=utf-8" };
    const put = await fetch(collection, { method: "PUT", headers, body: text });
    assert.ok([200, 201, 204].includes(put.status), `PUT answered ${put.status}: ${await put.text()}`);
    const query = `<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
    <D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
    <C:time-range start="20261127T000000Z" end="20261128T000000Z"/></C:comp-filter></C:comp-filter></C:filter>
    </C:calendar-query>`;
    const report = await fetch(collection, {
      method: "REPORT",
      headers: { ...headers, depth: "1", "content-type": "application/xml" },
      body: query,
    });
    assert.equal(report.status, 207);
    const answer = await report.text();
    assert.ok(answer.includes("UID:bkg_1@tidegate.dev") && answer.includes("SEQUENCE:2"), answer);
    assert.ok(!answer.includes("bkg_2@tidegate.dev"));
    const back = await fetch(collection, { headers });
    const between = { from: from.subtract({ hours: 24 }), to: later.add({ hours: 24 }) };
    const found = readCalendar(await back.text(), "Europe/Berlin", between);
    assert.ok(found.ok, JSON.stringify(found));
    // A cancelled event is not read back: it stops nothing any more.
    assert.deepEqual(
      found.value.map(({ uid, summary }) => [uid, summary]),
      [["bkg_1@tidegate.dev", "Freeze: bkg_1@tidegate.dev; a, b → ü"]],
    );
  },
);
