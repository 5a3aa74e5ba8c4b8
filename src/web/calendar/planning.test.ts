import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { present } from "#web/release/search.ts";
import { coverLook } from "./cover.ts";
import { batchesOf, canBeAccepted, hasOpenItem, outcomeText, tickedOf, toggled } from "./moves.ts";
import { actsOn, deltaText, standingOf } from "./negotiation.ts";
import type { BusinessCalendar, Position, Reflow } from "./planning-queries.ts";
import { moveSearch, slotSearch } from "./search.ts";
import { rotaLook, sourceLook } from "./sources.ts";

const span = { from: "2026-11-27T08:00:00Z", to: "2026-11-27T09:00:00Z" };

function anItem(position: number, part: Partial<Reflow["items"][number]> = {}): Reflow["items"][number] {
  return {
    position,
    kind: "blocked",
    deployment: "dep_1",
    event: "campaigns/bf",
    oldSlot: span,
    newSlot: span,
    sentence: "It falls into Black Friday.",
    state: "open",
    decidedBy: null,
    decidedAt: null,
    ...part,
  };
}

const batch: Reflow = {
  id: `rfl_${"1".repeat(32)}`,
  calendar: "campaigns",
  at: "2026-11-21T15:00:00Z",
  sentence: "The import concerns 3 bookings.",
  items: [anItem(1), anItem(2, { newSlot: null }), anItem(3, { state: "accepted" }), anItem(4)],
};

test("without a choice every item that can be accepted is ticked; a choice of another batch says nothing", () => {
  assert.deepEqual(tickedOf(batch, {}), [1, 4]);
  assert.deepEqual(tickedOf(batch, { batch: `rfl_${"2".repeat(32)}`, items: "1" }), [1, 4]);
});

test("a choice keeps what is open still: an item that somebody else decided is not decided again", () => {
  assert.deepEqual(tickedOf(batch, { batch: batch.id, items: "1,2,3" }), [1, 2]);
  assert.deepEqual(tickedOf(batch, { batch: batch.id, items: "none" }), []);
});

test("ticking twice gives the same choice again, and every choice is one that a link can carry", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(1, 2, 4), { maxLength: 8 }), fc.constantFrom(1, 2, 4), (presses, last) => {
      const search = presses.reduce((state, one) => ({ ...state, ...toggled(batch, state, one) }), {});
      const once = toggled(batch, search, last);
      assert.deepEqual(moveSearch.parse(once), once);
      assert.deepEqual(tickedOf(batch, toggled(batch, once, last)), tickedOf(batch, search));
    }),
  );
});

test("batches with nothing left to decide show only among all", () => {
  const done: Reflow = { ...batch, id: `rfl_${"3".repeat(32)}`, items: [anItem(1, { state: "declined" })] };
  assert.equal(hasOpenItem(done), false);
  assert.deepEqual(batchesOf([batch, done], {}), [batch]);
  assert.deepEqual(batchesOf([batch, done], { show: "all" }), [batch, done]);
  assert.deepEqual(batchesOf([batch, done], { calendar: "finance" }), []);
});

test("an item without a new slot cannot be accepted, and outcomes are counted by what became of them", () => {
  assert.equal(canBeAccepted(anItem(1, { newSlot: null })), false);
  const items = [{ outcome: "accepted" }, { outcome: "has-begun" }, { outcome: "accepted" }] as const;
  assert.equal(outcomeText(items), "2 moved to the proposed slot; 1 not moved: the deployment has begun");
});

function aPosition(id: string, part: Partial<Position> = {}): Position {
  return {
    id,
    kind: "proposed",
    proposal: id,
    person: "dave",
    at: "2026-11-21T15:00:00Z",
    reason: null,
    ...span,
    score: 80,
    reasons: [],
    delta: 4,
    ...part,
  };
}

test("proposals stand until they are withdrawn, newest first, and know who accepted them", () => {
  const positions = [
    aPosition("slt_1"),
    aPosition("slt_2"),
    aPosition("slt_3", { person: "ana" }),
    aPosition("slt_4", { kind: "withdrawn", proposal: "slt_2" }),
    aPosition("slt_5", { kind: "accepted", proposal: "slt_1", person: "ana" }),
  ];
  const standing = standingOf(positions);
  assert.deepEqual(
    standing.map(({ position, acceptedBy }) => [position.id, acceptedBy]),
    [
      ["slt_3", null],
      ["slt_1", "ana"],
    ],
  );
  const acts = standing.map((one) => actsOn(one, "ana"));
  assert.deepEqual(acts, [
    { mayAccept: false, mayWithdraw: true },
    { mayAccept: false, mayWithdraw: true },
  ]);
  assert.deepEqual(actsOn({ position: aPosition("slt_6"), acceptedBy: null }, "ana"), {
    mayAccept: true,
    mayWithdraw: false,
  });
});

for (const [delta, said] of [
  [12, "12 points better than the slot before it"],
  [-1, "1 point worse than the slot before it"],
  [0, "as good as the slot before it"],
  [null, "the slot before it lay in no opening"],
] as const) {
  test(`a difference of ${delta} is said as "${said}"`, () => assert.equal(deltaText(delta), said));
}

const source: BusinessCalendar = {
  name: "finance",
  zone: "Europe/Berlin",
  source: "url",
  owner: "finance",
  importedAt: "2026-11-20T15:00:00Z",
  importedBy: "bot",
  ageSeconds: 240,
  lastAttemptAt: "2026-11-21T15:00:00Z",
  failure: null,
  failingSince: null,
  events: [],
};

for (const [part, label] of [
  [{}, "Good 4 min ago"],
  [{ failure: "It answered 503." }, "Last try failed"],
  [{ importedAt: null, ageSeconds: null }, "Nothing imported yet"],
  [{ source: "inline", importedAt: null, ageSeconds: null }, "In the configuration"],
] as const) {
  test(`a calendar with ${JSON.stringify(part)} is shown as "${label}"`, () =>
    assert.equal(sourceLook({ ...source, ...part }).label, label));
}

test("a rota that is over is not good any more", () => {
  const now = Temporal.Instant.from("2026-11-21T15:00:00Z");
  const rota = { failure: null, importedAt: "2026-11-20T15:00:00Z", ageSeconds: 60, until: "2026-11-21T15:00:00Z" };
  assert.equal(rotaLook(rota, now).label, "Ended");
  assert.equal(rotaLook({ ...rota, until: "2026-11-21T15:00:01Z" }, now).label, "Good 1 min ago");
});

test("cover says its longest gap; without any rota it judges nothing", () => {
  const gap = { team: "checkout", services: ["checkout-api"], tier: 1, candidates: [], ...span };
  assert.equal(coverLook({ isJudged: true, gaps: [gap], unknown: [] }).label, "Gap of 1 h");
  assert.equal(coverLook({ isJudged: true, gaps: [], unknown: [] }).label, "Covered");
  assert.equal(coverLook({ isJudged: false, gaps: [], unknown: [] }).label, "No rota is declared");
});

test("a link with parts that nobody can read opens the page without them", () => {
  const search = moveSearch.parse({ show: "some", batch: "rfl_x", items: "1;2", calendar: "finance" });
  assert.deepEqual(present(search), { calendar: "finance" });
  assert.equal(slotSearch.parse({ from: "soon" }).from, undefined);
});
