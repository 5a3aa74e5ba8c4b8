import assert from "node:assert/strict";
import { test } from "node:test";
import { readShifts } from "#connectors/ical/read-shifts.ts";
import { err, ok } from "#core/result.ts";
import { digestOf } from "#main/bind-operations.ts";
import { newId } from "#runtime/ids.ts";
import type { FetchCalendar } from "#usecases/calendar/import-refresh.ts";
import { makeImportShifts } from "#usecases/calendar/rota-import.ts";
import { listRotas } from "#usecases/calendar/rota-list.ts";
import { makeRefreshRotas } from "#usecases/calendar/rota-refresh.ts";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";
import { at } from "#test/support/store.ts";

/** Friday noon; the window opens on Saturday at 01:00 in Berlin. */
const start = at("2026-03-27T11:00:00Z");
const sat1 = at("2026-03-28T00:00:00Z");

const world = `${sampleWorld}
---
kind: Window
metadata: { name: weekend }
spec: { scope: {}, zone: target, start: 2026-01-03T01:00, rrule: FREQ=WEEKLY;BYDAY=SA, end: "05:00" }
---
kind: Rota
metadata: { name: pager }
spec:
  team: checkout
  zone: Europe/Berlin
  source: { url: https://pager.example.org/on-call.ics }
  refresh: PT15M
  persons: { ann@example.org: ann }
`;

function shift(uid: string, from: string, to: string, who: string): string {
  return `BEGIN:VEVENT\r\nUID:${uid}\r\nDTSTART:${from}\r\nDTEND:${to}\r\n${who}\r\nEND:VEVENT\r\n`;
}

function calendarOf(...events: readonly string[]): string {
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n${events.join("")}END:VCALENDAR\r\n`;
}

const annAtNight = shift("night", "20260327T200000Z", "20260328T080000Z", "ATTENDEE:mailto:ann@example.org");
const later = shift("later", "20260328T080000Z", "20260405T080000Z", "SUMMARY:bob");

interface Subscribed extends AsyncDisposable {
  readonly plane: CalendarPlane;
  readonly turn: (minutes: number) => Promise<void>;
  answer: Awaited<ReturnType<FetchCalendar>>;
  asked: (string | null)[];
}

async function openSubscribed(yaml = world): Promise<Subscribed> {
  const plane = await openCalendarPlane(yaml, start);
  const subscribed: Subscribed = {
    plane,
    answer: ok({ text: calendarOf(annAtNight, later), etag: '"1"' }),
    asked: [],
    turn: async (minutes) => {
      plane.clock.now = plane.clock.now.add({ minutes });
      await refresh();
    },
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
  const refresh = makeRefreshRotas({
    now: () => plane.clock.now,
    transact: plane.store.transact,
    readShifts,
    digestOf,
    newImportId: () => newId("rotaImport"),
    report: () => undefined,
    fetch: async (_, etag) => {
      subscribed.asked.push(etag);
      return subscribed.answer;
    },
  });
  return subscribed;
}

async function coverOf({ operations }: CalendarPlane): Promise<string> {
  const subject = {
    service: "checkout-api",
    version: "5.0.0",
    environment: "prod-emea",
    action: "deploy",
    class: "normal",
    invoker: "person",
    requestedBy: "ann",
    contentDigest: null,
    onBehalfOf: null,
  } as const;
  const { findings } = await operations.askVerdict({ subject, at: sat1 }, callBy("ann"));
  const found = findings.find(({ rule }) => rule === "cover-present");
  return `${found?.outcome ?? ""} ${found?.code ?? ""}`;
}

async function sourceOf({ store }: CalendarPlane) {
  const [source] = await listRotas(store.transact);
  return source;
}

test("who is on duty is unknown until the subscribed rota was read, and known from then on", async () => {
  await using subscribed = await openSubscribed();
  const { plane } = subscribed;
  assert.equal(await coverOf(plane), "unknown cover-unknown");
  await subscribed.turn(0);
  assert.equal(await coverOf(plane), "pass covered");
  await subscribed.turn(5);
  assert.deepEqual(subscribed.asked, [null], "not before its time has come");
  subscribed.answer = ok({ text: null, etag: '"1"' });
  await subscribed.turn(10);
  assert.deepEqual(subscribed.asked, [null, '"1"']);
  const source = await sourceOf(plane);
  assert.deepEqual([source?.rota, source?.imported?.duties, source?.state?.failure], ["pager", 2, null]);
  assert.equal(source?.imported?.importedAt.toString(), start.toString(), "an unchanged feed is not imported anew");
});

test("a swap in the calendar of others judges waiting work again and says who lost cover", async () => {
  await using subscribed = await openSubscribed();
  const { plane } = subscribed;
  await subscribed.turn(0);
  const id = await plane.request("checkout-api", "5.0.0");
  assert.equal((await plane.store.views.deployment(id))?.verdict?.nextOpening?.toString(), sat1.toString());
  subscribed.answer = ok({ text: calendarOf(later), etag: '"2"' });
  await subscribed.turn(15);
  assert.equal(await coverOf(plane), "deny cover-gap");
  const { items } = await plane.store.views.audit({ object: id, action: "cover.lose", limit: 5, cursor: null });
  assert.equal(items.length, 1);
  await plane.sweep();
  assert.notEqual((await plane.store.views.deployment(id))?.verdict?.nextOpening?.toString(), sat1.toString());
});

test("whatever the feed answers instead, the last good rota stays in force and its failure has a date", async () => {
  await using subscribed = await openSubscribed();
  const { plane } = subscribed;
  await subscribed.turn(0);
  const stranger = shift("odd", "20260328T080000Z", "20260405T080000Z", "SUMMARY:zoe");
  const bad = [
    [ok({ text: calendarOf(annAtNight, stranger), etag: null }), /refused at line 10, event odd: nobody is known by/],
    [ok({ text: "<html>", etag: null }), /at line 1: it is not an iCalendar/],
    [err({ message: "10.0.0.1:80 is not a public address" }), /not a public address/],
  ] as const;
  for (const [answer, failure] of bad) {
    subscribed.answer = answer;
    await subscribed.turn(15);
    const source = await sourceOf(plane);
    assert.match(source?.state?.failure ?? "", failure);
    assert.equal(source?.state?.failingSince?.toString(), start.add({ minutes: 15 }).toString());
    assert.equal(source?.imported?.importedAt.toString(), start.toString());
    assert.equal(await coverOf(plane), "pass covered");
  }
});

test("another mapping is read at once, and a rota that is declared no more covers nobody", async () => {
  await using subscribed = await openSubscribed();
  const { plane } = subscribed;
  await subscribed.turn(0);
  const apply = (yaml: string) =>
    plane.operations.applyConfiguration({ files: [{ path: "w.yaml", text: yaml }], mode: "apply" }, callBy("liv"));
  assert.ok((await apply(world.replace("{ ann@example.org: ann }", "{ ann@example.org: bob }"))).ok);
  await subscribed.turn(1);
  assert.deepEqual(subscribed.asked, [null, null]);
  const facts = await plane.operations.askCover(
    { service: "checkout-api", environment: "prod-emea", at: sat1 },
    callBy("ann"),
  );
  assert.ok(facts.ok && facts.value.cover !== "none");
  assert.deepEqual(facts.value.cover.onDuty, [{ team: "checkout", persons: ["bob"] }]);
  assert.ok((await apply(world.slice(0, world.lastIndexOf("---")))).ok);
  await subscribed.turn(1);
  assert.equal(await coverOf(plane), "not-applicable no-rotas");
  assert.deepEqual(await listRotas(plane.store.transact), []);
});

test("a calendar by hand is taken whole or not at all", async () => {
  await using subscribed = await openSubscribed(sampleWorld);
  const { plane } = subscribed;
  const importShifts = makeImportShifts({
    now: () => plane.clock.now,
    transact: plane.store.transact,
    readShifts,
    newImportId: () => newId("rotaImport"),
    fetch: async () => err({ message: "no network" }),
  });
  const about = { team: "checkout", source: "pages", zone: "Europe/Berlin", persons: {}, until: null };
  const refused = await importShifts({ ...about, text: calendarOf(later, annAtNight) }, callBy("cem"));
  assert.ok(!refused.ok && refused.error.code === "invalid-calendar");
  assert.deepEqual([refused.error.fault.line, refused.error.fault.event], [10, "night"]);
  assert.deepEqual(await listRotas(plane.store.transact), []);
  const persons = { "ann@example.org": "ann" };
  assert.ok((await importShifts({ ...about, persons, text: calendarOf(later, annAtNight) }, callBy("cem"))).ok);
  const source = await sourceOf(plane);
  assert.deepEqual([source?.rota, source?.source, source?.imported?.duties], [null, "pages", 2]);
  for (const [input, code] of [
    [{ ...about, team: "tills", persons, text: calendarOf(annAtNight) }, "no-such-team"],
    [{ ...about, persons: { "ann@example.org": "zoe" }, text: calendarOf(annAtNight) }, "no-such-person"],
    [{ ...about, text: calendarOf() }, "no-shifts"],
    [{ ...about, zone: "Mars/Base", text: calendarOf(later) }, "invalid-calendar"],
    [{ ...about, url: "https://pager.example.org/x.ics" }, "feed-failed"],
  ] as const) {
    const result = await importShifts(input, callBy("cem"));
    assert.equal(result.ok ? "imported" : result.error.code, code);
  }
});
