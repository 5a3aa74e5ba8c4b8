import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { buildApp } from "#api/server.ts";
import { writeCalendar } from "#connectors/ical/write-calendar.ts";
import { aPerson } from "#core/testing.ts";
import { newId } from "#runtime/ids.ts";
import { secrets } from "#runtime/secrets.ts";
import { feedStore } from "#store/feed.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { makeFeeds } from "#usecases/calendar/feed-access.ts";
import { base, fakeApi, problemOf } from "#test/api/fakes.ts";
import { blackFriday, calendarText, call, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

let plane: Plane;
let get: (headers?: Readonly<Record<string, string>>, file?: string) => Promise<Response>;
let feedFile: string;
let revoke: () => Promise<boolean>;

before(async () => {
  plane = await openPlane("2026-11-26T11:00:00Z");
  await plane.apply(shop);
  await plane.request("checkout");
  const feeds = makeFeeds({
    now: plane.clock.now,
    transact: plane.store.transact,
    feeds: feedStore(plane.store.pool, { organisations: createOrganisationCache() }),
    findPerson: async () => aPerson("rita", { roles: ["viewer"] }),
    secrets,
    newFeedId: () => newId("feed"),
    write: writeCalendar,
  });
  const filter = { environment: "prod", service: null, include: ["bookings"] } as const;
  const made = await feeds.create({ label: "support", filter }, call);
  assert.ok(made.ok);
  feedFile = made.value.file;
  revoke = () => feeds.revoke(made.value.feed.id, call);
  const { deps } = fakeApi();
  const app = buildApp({ ...deps, business: { ...deps.business, feeds } });
  get = (headers = {}, file = feedFile) => Promise.resolve(app.request(`${base}/v1/feeds/${file}`, { headers }));
});
after(() => plane[Symbol.asyncDispose]());

function propertyIn(text: string, name: string): string {
  const [, value] = new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text) ?? [];
  return value ?? "";
}

test("whoever holds the address reads a calendar, without a token and never from a shared cache", async () => {
  const answer = await get();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/calendar; charset=utf-8");
  assert.equal(answer.headers.get("cache-control"), "private, no-cache");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(await answer.text(), /^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
});

test("who has the newest state is told so, by a strong, a weak and a listed ETag", async () => {
  const etag = (await get()).headers.get("etag") ?? "";
  assert.match(etag, /^(W\/)?".+"$/);
  for (const known of [etag, `"older", ${etag}`, "*"]) {
    const answer = await get({ "if-none-match": known });
    assert.deepEqual([answer.status, await answer.text(), answer.headers.get("etag")], [304, "", etag], known);
  }
  assert.equal((await get({ "if-none-match": '"older"' })).status, 200);
});

test("a change is another ETag, the same UID and a higher SEQUENCE", async () => {
  const first = await get();
  const unmoved = await first.text();
  assert.ok((await plane.importText(calendarText(blackFriday))).ok);
  await plane.sweep();
  const moved = await get({ "if-none-match": first.headers.get("etag") ?? "" });
  assert.equal(moved.status, 200);
  const text = await moved.text();
  assert.equal(propertyIn(text, "UID"), propertyIn(unmoved, "UID"));
  assert.notEqual(propertyIn(text, "DTSTART"), propertyIn(unmoved, "DTSTART"));
  assert.equal(Number(propertyIn(text, "SEQUENCE")), Number(propertyIn(unmoved, "SEQUENCE")) + 1);
});

test("a wrong secret, a wrong name and a revoked feed all look like nothing", async () => {
  const wrong = [feedFile.replace(/.{5}\.ics$/, "00000.ics"), "x.ics", feedFile.replace(".ics", "")];
  const refusals = await Promise.all(wrong.map(async (file) => problemOf(await get({}, file))));
  assert.equal(await revoke(), true);
  refusals.push(await problemOf(await get()));
  assert.deepEqual(
    refusals.map(({ status, code, detail }) => [status, code, detail]),
    refusals.map(() => [404, "not-found", "There is no such feed. Its owner can make another address."]),
  );
});
