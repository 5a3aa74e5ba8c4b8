import assert from "node:assert/strict";
import { test } from "node:test";
import { admit, holdOf, silentFeed, type Arrival, type Feed } from "#core/canary/feed.ts";

const freshFor = 30;
const good: Arrival = { second: 100, series: "{job=cart}", fault: null };

function fed(...arrivals: readonly Partial<Arrival>[]): Feed {
  return arrivals.reduce<Feed>(
    (feed, arrival) => admit(feed, { ...good, ...arrival }, (arrival.second ?? good.second) || 0).feed,
    silentFeed,
  );
}

for (const [title, feed, now, hold] of [
  ["a source that has said nothing yet holds", silentFeed, 100, "no sample has come yet"],
  ["a source with a fresh sample is live", fed({}), 130, null],
  ["a stale source holds", fed({}), 131, "the newest sample is 31 s old, 30 s are allowed"],
  ["a source that comes back is live again", fed({}, { second: 200 }), 201, null],
  ["a source whose time jumps back holds", fed({}, { second: 90 }), 101, "time jumped back by 10 s"],
  ["a source that repeats itself holds", fed({}, {}), 101, "the same second came twice"],
  [
    "a source that sends no number holds",
    fed({}, { second: 101, fault: "a value is not a number" }),
    101,
    "a value is not a number",
  ],
  [
    "a good sample after a bad one is believed",
    fed({}, { second: 101, fault: "a value is not a number" }, { second: 102 }),
    102,
    null,
  ],
  ["a sample without a time holds", fed({ second: Number.NaN }), 100, "the time of the sample is not a number"],
] as const) {
  test(title, () => assert.equal(holdOf(feed, now, freshFor), hold));
}

test("a source whose clock is ahead holds", () => {
  const { feed, isGood } = admit(silentFeed, { ...good, second: 200 }, 100);
  assert.equal(isGood, false);
  assert.equal(holdOf(feed, 100, freshFor), "the sample is 100 s ahead of the clock");
});

test("a source whose labels change is broken for good, also when the old ones come back", () => {
  const broken = fed({}, { second: 101, series: "{job=cart-2}" }, { second: 102 });
  assert.match(holdOf(broken, 102, freshFor) ?? "", /^the labels changed .*: begin the judgement anew$/);
});
