import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import ICAL from "ical.js";
import { writeCalendar } from "#connectors/ical/write-calendar.ts";
import type { Person } from "#core/catalog/people.ts";
import type { DeploymentId } from "#core/id.ts";
import { aPerson } from "#core/testing.ts";
import { newId } from "#runtime/ids.ts";
import { secrets } from "#runtime/secrets.ts";
import { feedStore } from "#store/feed.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { makeFeeds, type Feeds } from "#usecases/calendar/feed-access.ts";
import { blackFriday, calendarText, call, openPlane, shop, type Plane } from "#test/business-calendar/plane.ts";

let plane: Plane;
let feeds: Feeds;
let rita: Person | null = aPerson("rita", { roles: ["viewer"] });
let checkout: DeploymentId;

before(async () => {
  plane = await openPlane("2026-11-26T11:00:00Z");
  await plane.apply(shop);
  checkout = await plane.request("checkout");
  feeds = makeFeeds({
    now: plane.clock.now,
    transact: plane.store.transact,
    feeds: feedStore(plane.store.pool, { organisations: createOrganisationCache() }),
    findPerson: async () => rita,
    secrets,
    newFeedId: () => newId("feed"),
    write: writeCalendar,
  });
});
after(() => plane[Symbol.asyncDispose]());

async function makeFeed(include: readonly ("bookings" | "freezes" | "openings")[], service: string | null = null) {
  const filter = { environment: "prod", service, include };
  const made = await feeds.create({ label: "support", filter }, call);
  assert.ok(made.ok);
  return made.value;
}

async function read(file: string) {
  const text = await feeds.read(file);
  assert.ok(text.ok);
  const events = new ICAL.Component(ICAL.parse(text.value)).getAllSubcomponents("vevent");
  return events.map((event) => ({
    uid: String(event.getFirstPropertyValue("uid")),
    sequence: Number(event.getFirstPropertyValue("sequence")),
    start: String(event.getFirstPropertyValue("dtstart")),
    status: String(event.getFirstPropertyValue("status")),
    summary: String(event.getFirstPropertyValue("summary")),
  }));
}

test("a booking keeps its UID, and its SEQUENCE rises when it moves and when it ends", async () => {
  const { file } = await makeFeed(["bookings"]);
  const [first] = await read(file);
  assert.equal(first?.start, "2026-11-27T08:00:00Z");
  assert.equal(first?.status, "TENTATIVE");
  assert.ok((await plane.importText(calendarText(blackFriday))).ok);
  await plane.sweep();
  const [moved] = await read(file);
  assert.equal(moved?.start, "2026-11-30T08:00:00Z");
  assert.deepEqual([moved?.uid, moved?.sequence], [first?.uid, (first?.sequence ?? 0) + 1]);
  await plane.store.transact((records) =>
    records.deployments.move(checkout, "waiting", "cancelled", { endedAt: plane.clock.now(), outcome: "Not needed." }),
  );
  const [ended] = await read(file);
  assert.deepEqual([ended?.uid, ended?.status, ended?.sequence], [first?.uid, "CANCELLED", (moved?.sequence ?? 0) + 1]);
});

test("freezes that events make and the openings between them are in the feed", async () => {
  const { file } = await makeFeed(["freezes", "openings"], "checkout");
  const entries = await read(file);
  const freeze = entries.find(({ summary }) => summary === "Freeze: campaigns/black-friday");
  assert.equal(freeze?.start, "2026-11-27T07:00:00Z");
  const openings = entries.filter(({ summary }) => summary === "Open: checkout in prod").map(({ start }) => start);
  assert.ok(openings.includes("2026-11-30T08:00:00Z"));
  assert.ok(!openings.includes("2026-11-27T08:00:00Z"));
});

test("asked twice, nothing having changed, it is the same text", async () => {
  const { file } = await makeFeed(["bookings", "freezes", "openings"], "checkout");
  assert.deepEqual(await feeds.read(file), await feeds.read(file));
});

test("the address is stored as a hash, and every wrong one looks alike", async () => {
  const { file, feed } = await makeFeed(["bookings"]);
  const { rows } = await plane.store.pool.query("select row_to_json(f)::text as row from feed f");
  const [, , secret = ""] = file.split("_");
  assert.ok(!JSON.stringify(rows).includes(secret.slice(0, 64)));
  const wrong = file.replace(/.{5}\.ics$/, "00000.ics");
  for (const name of [wrong, "x.ics", `${file}x`, file.replace(/^tg_.{32}/, `tg_${"0".repeat(32)}`)])
    assert.deepEqual(await feeds.read(name), { ok: false, error: "no-such-feed" });
  assert.equal(await feeds.revoke(feed.id, { ...call, actor: { ...call.actor, person: "mallory" } }), false);
  assert.ok((await feeds.read(file)).ok);
  assert.equal(await feeds.revoke(feed.id, call), true);
  assert.deepEqual(await feeds.read(file), { ok: false, error: "no-such-feed" });
});

test("a feed shows what its maker may see now: without the person or the right it shows nothing", async () => {
  const { file } = await makeFeed(["bookings"]);
  rita = aPerson("rita", { roles: [] });
  assert.equal((await feeds.read(file)).ok, false);
  rita = null;
  assert.equal((await feeds.read(file)).ok, false);
  rita = aPerson("rita", { roles: ["viewer"] });
  assert.equal((await feeds.read(file)).ok, true);
});

test("a freeze is in the feed of the services that it stops, by tag as by name", async () => {
  const freezes = async (service: string) =>
    (await read((await makeFeed(["freezes"], service)).file)).map(({ summary }) => summary);
  assert.ok((await freezes("checkout")).includes("Freeze: campaigns/black-friday"));
  assert.ok(!(await freezes("ledger")).includes("Freeze: campaigns/black-friday"));
});

for (const [title, filter, code, words] of [
  [
    "of an environment that does not exist",
    { environment: "prdo" },
    "no-such-environment",
    /no environment prdo\. Did you mean prod\?/,
  ],
  [
    "of a service that does not exist",
    { service: "chekout" },
    "no-such-service",
    /no service chekout\. Did you mean checkout/,
  ],
  ["of openings of no service", { environment: "prod", include: ["openings"] }, "openings-need-both", /name both/],
] as const) {
  test(`a feed ${title} is refused, and says what may have been meant`, async () => {
    const whole = { environment: null, service: null, include: ["freezes"] as const, ...filter };
    const made = await feeds.create({ label: "support", filter: whole }, call);
    assert.ok(!made.ok);
    assert.equal(made.error.code, code);
    assert.match(made.error.sentence, words);
  });
}
