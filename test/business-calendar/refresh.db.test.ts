import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { safeFetch } from "#runtime/safe-fetch.ts";
import { makeRefreshCalendars } from "#usecases/calendar/import-refresh.ts";
import { blackFriday, calendarText, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

let plane: Plane;
let turn: () => Promise<void>;
let answerWith: (response: ServerResponse) => void = (response) => response.end();
let asked = 0;
const reported: string[] = [];
const allow: string[] = [];
const server = createServer((_, response) => {
  asked++;
  answerWith(response);
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  plane = await openPlane("2026-11-26T11:00:00Z");
  const url = `http://127.0.0.1:${address.port}/campaigns.ics`;
  await plane.apply(shop.replace("{ file: marketing plan }", `{ url: "${url}" }`));
  turn = makeRefreshCalendars({
    ...plane.deps,
    fetch: (from, etag) => safeFetch(from, { allow, etag, timeoutMs: 500 }),
    report: (_, failure) => void reported.push(failure),
  });
  allow.push(`127.0.0.1:${address.port}`);
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await plane[Symbol.asyncDispose]();
});

async function nextTurn(): Promise<void> {
  plane.clock.advance(Temporal.Duration.from("PT16M"));
  await turn();
}

async function state() {
  return plane.store.transact(async (records) => ({
    source: await records.business.source("campaigns"),
    attempt: (await records.business.attempts())[0] ?? null,
    events: await records.business.events(
      { from: plane.clock.now(), to: plane.clock.now().add({ hours: 24 * 30 }) },
      plane.clock.now(),
    ),
  }));
}

test("a private address is not read before the operator allows it, and the failure says how", async () => {
  const [place] = allow.splice(0, 1);
  await turn();
  const { attempt, source } = await state();
  assert.match(attempt?.failure ?? "", /TIDEGATE_FEED_ALLOW=127\.0\.0\.1:/);
  assert.deepEqual([source, asked], [null, 0]);
  allow.push(place ?? "");
});

test("a subscribed calendar is read when its time has come, and not before", async () => {
  answerWith = (response) => response.setHeader("etag", '"1"').end(calendarText(blackFriday));
  await turn();
  assert.equal(asked, 0);
  await nextTurn();
  assert.equal(asked, 1);
  const { attempt, events, source } = await state();
  assert.deepEqual([attempt?.failure, source?.etag], [null, '"1"']);
  assert.deepEqual(
    events.map(({ event }) => event.uid),
    ["black-friday"],
  );
});

test("whatever a feed answers instead of a calendar, the last good state stays and the failure has a date", async () => {
  const good = await state();
  const bad: readonly (readonly [(response: ServerResponse) => void, RegExp])[] = [
    [(response) => response.writeHead(404).end(), /answered 404/],
    [(response) => response.end("<html>Log in</html>"), /line 1.*does not begin with BEGIN:VCALENDAR/],
    [
      (response) => response.writeHead(200, { "content-length": String(200 << 20) }).flushHeaders(),
      /more than 5242880/,
    ],
    [(response) => response.writeHead(302, { location: "http://10.0.0.1/x" }).end(), /not a public address/],
    [(response) => void response.write("BEGIN:VCALENDAR\r\n"), /did not answer within 0.5 s/],
    [(response) => response.end(calendarText(blackFriday).slice(0, -30)), /breaks off/],
    [(response) => response.end(calendarText("UID:odd\nDTSTART;TZID=Mars/Base:20261127T080000")), /event odd/],
  ];
  let failingSince: string | undefined;
  for (const [answer, message] of bad) {
    answerWith = answer;
    await nextTurn();
    const now = await state();
    assert.match(now.attempt?.failure ?? "", message);
    failingSince ??= now.attempt?.failingSince?.toString();
    assert.equal(now.attempt?.failingSince?.toString(), failingSince, "the first failure counts");
    assert.deepEqual([now.source, now.events], [good.source, good.events]);
  }
  assert.equal(reported.length, bad.length + 1);
});

test("a feed that is well again is read again, and an unchanged one is not imported anew", async () => {
  answerWith = (response) => response.writeHead(304).end();
  const { source } = await state();
  await nextTurn();
  const now = await state();
  assert.deepEqual([now.attempt?.failure, now.attempt?.failingSince], [null, null]);
  assert.deepEqual(now.source, source);
});
