import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { buildApp } from "#api/server.ts";
import { listBusinessCalendars } from "#contract/business-calendar.ts";
import { readShifts } from "#connectors/ical/read-shifts.ts";
import { newId } from "#runtime/ids.ts";
import { safeFetch } from "#runtime/safe-fetch.ts";
import { sources } from "#store/business-calendar.ts";
import { makeBusinessOperations } from "#usecases/calendar/import-operations.ts";
import { makeRefreshCalendars, type RefreshDeps } from "#usecases/calendar/import-refresh.ts";
import { makeImportShifts } from "#usecases/calendar/rota-import.ts";
import { base, fakeApi, problemOf } from "#test/api/fakes.ts";
import { blackFriday, calendarText, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

/*
 * Whatever comes instead of a calendar, by every public way in: as a text, from an address, as the rota of a team, and
 * by subscription. Each is refused with the event or the line, nothing of it is taken, and the last good state stays.
 */

let plane: Plane;
let turn: () => Promise<void>;
let post: (path: string, body: object) => Promise<Response>;
let list: () => Promise<{ readonly ageSeconds: number | null; readonly failure: string | null }>;
let answerWith: (response: ServerResponse) => void = (response) => response.end();
let address: string;
const server = createServer((_, response) => answerWith(response));

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  address = `http://127.0.0.1:${bound.port}/campaigns.ics`;
  plane = await openPlane("2026-11-26T11:00:00Z");
  await plane.apply(shop.replace("{ file: marketing plan }", `{ url: "${address}" }`));
  const allow = [`127.0.0.1:${bound.port}`];
  const deps: RefreshDeps = {
    ...plane.deps,
    fetch: (url, etag) => safeFetch(url, { allow, etag, timeoutMs: 500 }),
    report: () => undefined,
  };
  turn = makeRefreshCalendars(deps);
  const fakes = fakeApi();
  const { now, transact } = plane.deps;
  const business = makeBusinessOperations({
    ...deps,
    sources: () => sources(plane.store.pool),
    reflows: async () => [],
    decideReflow: plane.decide,
    feeds: fakes.deps.business.feeds,
    importShifts: makeImportShifts({
      now,
      transact,
      readShifts,
      fetch: deps.fetch,
      newImportId: () => newId("rotaImport"),
    }),
  });
  const clock = { ...fakes.deps.clock, now };
  const app = buildApp({ ...fakes.deps, business, clock });
  const authorization = `Bearer ${fakes.tokens.operator}`;
  post = async (path, body) => {
    const headers = { authorization, "content-type": "application/json", "idempotency-key": newId("audit") };
    return app.request(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  };
  list = async () => {
    const answer = await app.request(`${base}/v1/business-calendars`, { headers: { authorization } });
    const { items } = listBusinessCalendars.answers[200].parse(await answer.json());
    const [campaigns] = items;
    assert.ok(campaigns !== undefined);
    return campaigns;
  };
  answerWith = (response) => response.end(calendarText(blackFriday));
  await turn();
  assert.equal((await list()).failure, null);
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await plane[Symbol.asyncDispose]();
});

/** What is in force: the text that was read last and the events that it brought. */
async function inForce() {
  const now = plane.clock.now();
  return plane.store.transact(async (records) => ({
    source: await records.business.source("campaigns"),
    events: await records.business.events({ from: now, to: now.add({ hours: 24 * 60 }) }, now),
    rotas: await records.cover.importsInForce(10),
  }));
}

function eventOf(...lines: readonly string[]): string {
  return calendarText(blackFriday, ["CATEGORIES:CAMPAIGN", ...lines].join("\n"));
}

const texts: readonly (readonly [string, string, RegExp])[] = [
  ["what is no calendar", "<html>Log in</html>", /line 1: it is not an iCalendar/],
  ["a calendar that breaks off", calendarText(blackFriday).slice(0, -30), /line \d+: it breaks off/],
  [
    "an event without an end that would stop changes",
    eventOf("UID:endless", "DTSTART:20261127T080000Z"),
    /event endless: (?:it|the shift) has no end/,
  ],
  [
    "a rule that never matches",
    eventOf("UID:never", "DTSTART:20261127T080000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    /line 11, event never: its rule never matches/,
  ],
  [
    "a million occurrences a day",
    eventOf("UID:often", "DTSTART:20261127T080000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"),
    /line 11, event often: it recurs more than 96 times a day/,
  ],
  [
    "a zone that nobody knows",
    eventOf("UID:mars", "DTSTART;TZID=Mars/Olympus:20261127T080000", "DURATION:PT1H"),
    /line 11, event mars: DTSTART is in a zone that nobody knows, "Mars\/Olympus"/,
  ],
];

for (const [title, text, message] of texts) {
  test(`${title} is refused as a text, from an address, as a rota and by subscription`, async () => {
    const kept = await inForce();
    answerWith = (response) => response.end(text);
    const rota = { source: "pages", zone: "UTC", persons: { "Black Friday": "rita" } };
    for (const [path, body] of [
      ["/v1/business-calendars/campaigns/import", { text }],
      ["/v1/business-calendars/campaigns/import", { url: address }],
      ["/v1/rotas/shop/imports", { ...rota, calendar: text }],
      ["/v1/rotas/shop/imports", { ...rota, url: address }],
    ] as const) {
      const problem = await problemOf(await post(path, body));
      assert.deepEqual([problem.status, problem.code], [422, "invalid-calendar"]);
      assert.match(problem.detail, message);
      assert.match(problem.detail, /Nothing was imported/);
    }
    plane.clock.advance(Temporal.Duration.from("PT16M"));
    await turn();
    const shown = await list();
    assert.match(shown.failure ?? "", message);
    assert.ok((shown.ageSeconds ?? 0) >= 16 * 60, "the last good state is shown with its age");
    assert.deepEqual(await inForce(), kept);
  });
}

for (const [title, answer, message] of [
  [
    "a redirect to a private address",
    (response) => response.writeHead(302, { location: "http://10.0.0.1/x" }).end(),
    /10\.0\.0\.1:80 is not a public address/,
  ],
  [
    "an answer that does not end",
    (response) => void response.write("BEGIN:VCALENDAR\r\n"),
    /did not answer within 0\.5 s/,
  ],
  [
    "a feed of 200 MB that says so",
    (response) => response.writeHead(200, { "content-length": String(200 << 20) }).flushHeaders(),
    /sends more than 5242880 bytes/,
  ],
  ["a feed of 200 MB that does not say so", (response) => flood(response), /sends more than 5242880 bytes/],
  ["an address that is gone", (response) => response.writeHead(404).end(), /answered 404/],
] as readonly (readonly [string, (response: ServerResponse) => void, RegExp])[]) {
  test(`${title} is refused by host and reason, and the last good state stays`, async () => {
    const kept = await inForce();
    answerWith = answer;
    const rota = { source: "pages", zone: "UTC", url: address };
    for (const [path, body] of [
      ["/v1/business-calendars/campaigns/import", { url: address }],
      ["/v1/rotas/shop/imports", rota],
    ] as const) {
      const problem = await problemOf(await post(path, body));
      assert.deepEqual([problem.status, problem.code], [422, "feed-failed"]);
      assert.match(problem.detail, message);
      assert.ok(!problem.detail.includes("campaigns.ics"), "paths of others are not repeated");
    }
    plane.clock.advance(Temporal.Duration.from("PT16M"));
    await turn();
    const shown = await list();
    assert.match(shown.failure ?? "", message);
    assert.ok((shown.ageSeconds ?? 0) >= 16 * 60);
    assert.deepEqual(await inForce(), kept);
  });
}

/** As much as the other side takes; whoever reads ends the connection. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 20, " ");
  let sent = 0;
  const more = (): void => {
    while (sent < 200 && !response.destroyed) {
      sent++;
      if (!response.write(chunk)) {
        response.once("drain", more);
        return;
      }
    }
  };
  more();
}
