import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { listen, type Listening } from "#api/listen.ts";
import { buildApp } from "#api/server.ts";
import { runCommandLine } from "#cli/program.ts";
import { readShifts } from "#connectors/ical/read-shifts.ts";
import { negotiation } from "#contract/advice.ts";
import { listRotas } from "#contract/cover.ts";
import { err } from "#core/result.ts";
import { newId } from "#runtime/ids.ts";
import { makeImportShifts } from "#usecases/calendar/rota-import.ts";
import { listRotas as rotasOf } from "#usecases/calendar/rota-list.ts";
import { fakeApi, type FakeApi } from "#test/api/fakes.ts";
import { openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";
import { at } from "#test/support/store.ts";

/** The command line over a real socket and the real use cases: ann and cem are played by two accounts. */
let plane: CalendarPlane;
let api: FakeApi;
let listening: Listening;
const folder = mkdtempSync(path.join(tmpdir(), "tidegate-slots-"));

before(async () => {
  plane = await openCalendarPlane(
    `${sampleWorld}
---
kind: Window
metadata: { name: nights }
spec: { scope: {}, zone: target, start: 2026-01-05T01:00, rrule: FREQ=DAILY, end: "05:00" }
`,
    at("2026-03-23T10:00:00Z"),
  );
  api = fakeApi();
  const now = () => plane.clock.now;
  const { transact } = plane.store;
  const importShifts = makeImportShifts({
    now,
    transact,
    readShifts,
    newImportId: () => newId("rotaImport"),
    fetch: async () => err({ message: "no network" }),
  });
  const business = { ...api.deps.business, importShifts, rotas: () => rotasOf(transact) };
  const allowedHosts: string[] = [];
  const settings = { ...api.deps.settings, allowedHosts };
  const clock = { ...api.deps.clock, now };
  listening = await listen(buildApp({ ...api.deps, operations: plane.operations, business, clock, settings }), {
    port: 0,
  });
  allowedHosts.push(`127.0.0.1:${listening.port}`);
});
after(async () => {
  api.stop();
  await listening.stop();
  await plane[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function run(as: "operator" | "release-manager", ...args: readonly string[]) {
  let [out, talk] = ["", ""];
  const settings = {
    version: "0",
    env: { TIDEGATE_SERVER: listening.url, TIDEGATE_TOKEN: api.tokens[as], TIDEGATE_CONFIG: folder },
    write: (data: string) => void (out += data),
    say: (line: string) => void (talk += `${line}\n`),
    interrupted: new AbortController().signal,
    local: [],
  };
  const exit = await runCommandLine(settings, args);
  return { exit, out, talk };
}

test("a slot is proposed, countered, agreed on and withdrawn, and the history is kept", async () => {
  const id = await plane.request("checkout-api", "5.0.0");
  const slot = ["calendar", "slot"] as const;
  const first = await run(
    "operator",
    ...slot,
    "propose",
    id,
    "--at",
    "2026-03-24T02:00[Europe/Berlin]",
    "--reason",
    "Quiet.",
    "-o",
    "json",
  );
  assert.equal(first.exit, 0, first.talk);
  assert.equal(negotiation.parse(JSON.parse(first.out)).positions[0]?.from, "2026-03-24T01:00:00Z");
  const countered = await run(
    "release-manager",
    ...slot,
    "counter",
    id,
    "--at",
    "2026-03-25T02:00[Europe/Berlin]",
    "--reason",
    "The database moves on Tuesday.",
    "-o",
    "json",
  );
  assert.equal(countered.exit, 0, countered.talk);
  const { positions } = negotiation.parse(JSON.parse(countered.out));
  const proposal = positions[1]?.id ?? "";
  assert.equal(typeof positions[1]?.delta, "number", "a counter-proposal is scored anew");
  const own = await run("release-manager", ...slot, "agree", id, proposal);
  assert.deepEqual([own.exit === 0, /The other side has to accept it/.test(own.talk)], [false, true]);
  const agreed = await run("operator", ...slot, "agree", id, proposal, "--reason", "Then Wednesday.");
  assert.match(agreed.out, /└─ agreed: 2026-03-25T01:00:00Z, accepted by operator\n$/);
  const withdrawn = await run("release-manager", ...slot, "withdraw", id, proposal, "--reason", "We are fewer.");
  assert.equal(withdrawn.exit, 0, withdrawn.talk);
  const history = await run("operator", ...slot, "list", id);
  for (const said of [
    /operator proposed slt_\w+: Quiet\.\n│ {4}starts 2026-03-24T01:00:00Z, score \d/,
    /release-manager proposed slt_\w+: The database moves on Tuesday\./,
    /operator accepted slt_\w+: Then Wednesday\./,
    /release-manager withdrawn slt_\w+: We are fewer\./,
    /└─ nothing is agreed on/,
  ])
    assert.match(history.out, said);
});

test("a start outside of the openings is refused with what stands in its way", async () => {
  const id = await plane.request("checkout-api", "5.1.0");
  const refused = await run(
    "operator",
    "calendar",
    "slot",
    "propose",
    id,
    "--at",
    "2026-03-24T12:00Z",
    "--reason",
    "?",
  );
  assert.notEqual(refused.exit, 0);
  assert.match(refused.talk, /window nights opens/);
});

test("a rota comes from a file with a mapping, is listed with its age, and a swap is made and withdrawn", async () => {
  const file = path.join(folder, "on-call.ics");
  const event = ["UID:n", "DTSTART:20260323T200000Z", "DTEND:20260330T080000Z", "ATTENDEE:mailto:a@example.org"];
  const text = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", ...event, "END:VEVENT", "END:VCALENDAR", ""];
  writeFileSync(file, text.join("\r\n"));
  const rota = ["calendar", "rota"] as const;
  const about = ["import", file, "--team", "checkout", "--source", "pages", "--zone", "Europe/Berlin"] as const;
  const unknown = await run("operator", ...rota, ...about);
  assert.match(unknown.talk, /line 3, event n: nobody is known by ATTENDEE a@example\.org.*Nothing was imported/s);
  const imported = await run("operator", ...rota, ...about, "--person", "a@example.org=ann");
  assert.equal(imported.exit, 0, imported.talk);
  const listed = await run("operator", ...rota, "list", "-o", "json");
  const shown: unknown = JSON.parse(listed.out);
  const { items } = listRotas.answers[200].parse(Array.isArray(shown) ? { items: shown } : shown);
  assert.deepEqual(
    items.map(({ team, source, duties, ageSeconds, failure }) => [team, source, duties, ageSeconds, failure]),
    [["checkout", "pages", 1, 0, null]],
  );
  const span = ["--since", "2026-03-24T00:00Z", "--until", "2026-03-25T00:00Z"] as const;
  const swap = ["swap", "--team", "checkout", "--person", "bob", "--replaces", "ann", ...span] as const;
  const swapped = await run("operator", ...rota, ...swap, "--reason", "Ann is away.", "-o", "name");
  assert.equal(swapped.exit, 0, swapped.talk);
  const back = await run("operator", ...rota, "withdraw", swapped.out.trim(), "--reason", "Ann is here.");
  assert.equal(back.exit, 0, back.talk);
});
