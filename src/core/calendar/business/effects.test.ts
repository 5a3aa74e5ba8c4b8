import assert from "node:assert/strict";
import { test } from "node:test";
import type { BusinessCalendar, BusinessEvent } from "#core/calendar/business/business-calendar.ts";
import { effectOf, effectsOfEvents } from "#core/calendar/business/effects.ts";
import { firstSlot, isLegal, slotBefore, slotInstead } from "#core/calendar/business/reflow.ts";
import { spansOf } from "#core/calendar/expand.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { at } from "#core/testing.ts";

const campaigns: BusinessCalendar = {
  name: "campaigns",
  scope: { tags: ["customer-facing"] },
  zone: "Europe/Berlin",
  source: { kind: "file", name: "marketing" },
  refresh: Temporal.Duration.from("PT15M"),
  untilRead: "closed",
  effects: [
    { match: { categories: ["campaign"], summary: ["*internal*"] }, effect: "caution", strength: "hard" },
    { match: { categories: ["campaign"] }, effect: "blackout", strength: "embargo" },
    { match: { summary: ["*advisory*"] }, effect: "pull-forward", strength: "hard" },
  ],
  owner: "marketing",
};

const blackFriday: BusinessEvent = {
  uid: "bf@shop",
  occurrence: "",
  summary: "Black Friday",
  categories: ["Retail", "CAMPAIGN"],
  services: [],
  from: at("2026-11-27T07:00Z"),
  to: at("2026-11-27T23:00Z"),
};

test("the first rule that matches decides, and case does not matter", () => {
  const cases = [
    [blackFriday, "blackout"],
    [{ ...blackFriday, summary: "An internal campaign" }, "caution"],
    [{ ...blackFriday, categories: [], summary: "Security ADVISORY 7" }, "pull-forward"],
    [{ ...blackFriday, categories: ["party"] }, undefined],
  ] as const;
  for (const [event, effect] of cases) assert.equal(effectOf(campaigns, event)?.effect, effect);
});

test("a blackout is a freeze over exactly the event, named after calendar and event", () => {
  const { freezes, cautions } = effectsOfEvents([campaigns], [{ calendar: "campaigns", event: blackFriday }]);
  const [freeze] = freezes;
  assert.ok(freeze !== undefined && cautions.length === 0);
  assert.equal(freeze.name, "campaigns/bf@shop");
  assert.equal(freeze.strength, "embargo");
  assert.match(freeze.reason, /Black Friday \(event bf@shop of the calendar campaigns\)/);
  const spans = spansOf("freeze", freeze.rule, "America/New_York", {
    from: at("2026-11-01T00:00Z"),
    to: at("2026-12-31T00:00Z"),
  });
  assert.ok(spans.ok);
  assert.deepEqual(
    spansIn(spans.value).map(({ from, to }) => [from.toString(), to.toString()]),
    [["2026-11-27T07:00:00Z", "2026-11-27T23:00:00Z"]],
  );
});

test("events of a calendar that is gone, and moments, stop nothing", () => {
  assert.deepEqual(effectsOfEvents([], [{ calendar: "campaigns", event: blackFriday }]).freezes, []);
  const moment = { ...blackFriday, to: blackFriday.from };
  assert.deepEqual(effectsOfEvents([campaigns], [{ calendar: "campaigns", event: moment }]).freezes, []);
});

const openings = [
  { from: at("2026-11-27T08:00Z"), to: at("2026-11-27T08:20Z") },
  { from: at("2026-11-30T08:00Z"), to: at("2026-11-30T16:00Z") },
];
const half = { from: at("2026-11-27T08:00Z"), to: at("2026-11-27T08:30Z") };

test("a slot is legal when it lies in one opening from its start to its end", () => {
  assert.equal(isLegal({ openings }, half), false);
  assert.equal(isLegal({ openings }, { from: half.from, to: at("2026-11-27T08:20Z") }), true);
});

test("the slot instead is the first that is long enough and not before the old one", () => {
  assert.equal(slotInstead({ openings }, half)?.from.toString(), "2026-11-30T08:00:00Z");
  assert.equal(firstSlot({ openings }, half.from.until(half.to), at("2026-11-30T15:45Z")), null);
});

test("a slot before is earlier than the old one, or there is none", () => {
  const late = { from: at("2026-11-30T10:00Z"), to: at("2026-11-30T10:30Z") };
  const asked = { openings, at: at("2026-11-26T08:00Z") };
  assert.equal(slotBefore(asked, late)?.from.toString(), "2026-11-30T08:00:00Z");
  assert.equal(slotBefore(asked, { from: at("2026-11-30T08:00Z"), to: at("2026-11-30T08:30Z") }), null);
});
