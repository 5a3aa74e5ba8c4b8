import assert from "node:assert/strict";
import { test } from "node:test";
import { instantAt, midnightsOf, nextChange, positionOf, shareAt, stepsOf, tracksOf } from "#web/policy/outline.ts";
import type { VerdictOutline } from "#web/policy/questions.ts";

const outline: VerdictOutline = {
  from: "2026-03-28T00:07:00Z",
  to: "2026-03-30T00:07:00Z",
  lanes: [
    {
      rule: "inside-window",
      ruleVersion: "1",
      stretches: [
        { from: "2026-03-28T00:07:00Z", to: "2026-03-29T00:07:00Z", course: "waits", sentence: "Closed." },
        { from: "2026-03-29T00:07:00Z", to: "2026-03-30T00:07:00Z", course: "passes", sentence: "Open." },
      ],
      cutAt: null,
    },
    {
      rule: "artifact-known",
      ruleVersion: "1",
      stretches: [{ from: "2026-03-28T00:07:00Z", to: "2026-03-30T00:07:00Z", course: "passes", sentence: "Known." }],
      cutAt: null,
    },
  ],
  joint: [
    { from: "2026-03-28T00:07:00Z", to: "2026-03-29T00:07:00Z", course: "waits" },
    { from: "2026-03-29T00:07:00Z", to: "2026-03-30T00:07:00Z", course: "passes" },
  ],
  openings: [],
};

test("Rules that pass all the time are counted and not drawn; all rules together come last", () => {
  const { tracks, quiet } = tracksOf(outline);
  assert.deepEqual(
    tracks.map(({ name }) => name),
    ["inside-window", "all rules"],
  );
  assert.equal(quiet, 1);
  assert.deepEqual(
    tracks[0]?.pieces.map(({ start, width }) => [start, width]),
    [
      [0, 0.5],
      [0.5, 0.5],
    ],
  );
});

test("The slider goes in whole quarters of an hour and stays before the end", () => {
  assert.equal(instantAt(outline, 0).toString(), "2026-03-28T00:07:00Z");
  assert.equal(instantAt(outline, 4).toString(), "2026-03-28T01:00:00Z");
  assert.ok(Temporal.Instant.compare(instantAt(outline, stepsOf(outline)), Temporal.Instant.from(outline.to)) < 0);
  assert.equal(positionOf(outline, "2027-01-01T00:00:00Z"), stepsOf(outline));
});

test("The next change is that of any rule, and there is none beyond the last", () => {
  assert.equal(nextChange(outline, outline.from, "ahead"), "2026-03-29T00:07:00Z");
  assert.equal(nextChange(outline, "2026-03-29T00:07:00Z", "ahead"), null);
  assert.equal(nextChange(outline, "2026-03-29T12:00:00Z", "back"), "2026-03-29T00:07:00Z");
  assert.equal(nextChange(outline, outline.from, "back"), null);
});

test("Days begin at midnight of the zone, also where the clocks change", () => {
  const ticks = midnightsOf(outline, "Europe/Berlin");
  assert.deepEqual(
    ticks.map(({ date }) => date.toString()),
    ["2026-03-29", "2026-03-30"],
  );
  assert.equal(ticks[0]?.share, shareAt(outline, "2026-03-28T23:00:00Z"));
  assert.equal(ticks[1]?.share, shareAt(outline, "2026-03-29T22:00:00Z"));
});
