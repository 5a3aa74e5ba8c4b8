import assert from "node:assert/strict";
import { test } from "node:test";
import { deedOf, laneSentences, lengthText, strictestLane, suggestedEnd } from "#web/exemption/deeds.ts";

const lane = {
  approvals: 1,
  validFor: "PT2H",
  criteria: ["customers-affected"],
  reviewWithin: "P5D",
  backMergeWithin: "P5D",
  rehearsalWithin: null,
  stopsAfter: null,
};

test("Lengths are said in their largest two units", () => {
  assert.equal(lengthText("P90D"), "90 d");
  assert.equal(lengthText("PT90M"), "1 h 30 min");
  assert.equal(lengthText("P1M"), "P1M");
});

test("The end that is offered is a week, or as long as the type allows", () => {
  const now = Temporal.Instant.from("2026-03-25T08:00:30Z");
  assert.equal(suggestedEnd(now, "P90D").toString(), "2026-04-01T08:00:00Z");
  assert.equal(suggestedEnd(now, "PT24H").toString(), "2026-03-26T08:00:00Z");
});

test("Of several places the strictest counts in every respect", () => {
  const other = { ...lane, approvals: 2, validFor: "PT1H", criteria: ["no-workaround"], stopsAfter: "P1D" };
  assert.deepEqual(strictestLane([lane, other]), {
    ...lane,
    approvals: 2,
    validFor: "PT1H",
    criteria: ["customers-affected", "no-workaround"],
    stopsAfter: "P1D",
  });
  assert.equal(strictestLane([]), null);
});

test("What an emergency needs, may and owes is said before it is declared", () => {
  const said = laneSentences({ ...lane, approvals: 2, rehearsalWithin: "P10D", stopsAfter: "P1D" }).join("\n");
  assert.match(said, /2 people on duty have to approve it; you do not count/);
  assert.match(said, /permitted for 2 h/);
  assert.match(said, /owes a review within 5 d, a back-merge within 5 d, a rehearsal within 10 d/);
  assert.match(said, /after 1 d nothing else of the team starts/);
});

test("An address names a dialog that there is, or none", () => {
  assert.equal(deedOf("override"), "override");
  assert.equal(deedOf("drop-table"), null);
});
