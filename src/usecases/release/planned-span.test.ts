import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "#core/policy/verdict.ts";
import { aSubject, at } from "#core/testing.ts";
import { plannedSpan, type PlannedFrom } from "#usecases/release/planned-span.ts";

const verdict = (decision: Verdict["decision"], opensAt: string | null): Verdict => ({
  decision,
  at: at("2026-03-25T08:00Z"),
  subject: aSubject(),
  findings: [],
  nextOpening: opensAt === null ? null : at(opensAt),
  openings: [],
  counterfactuals: [],
  factsDigest: "",
  zoneData: "",
});
const span = (from: string, to: string) => ({ from: at(from), to: at(to) });
const asked: PlannedFrom = {
  at: at("2026-03-25T08:00Z"),
  horizon: at("2026-05-24T08:00Z"),
  agreed: null,
  before: null,
};
const text = ({ from, to }: ReturnType<typeof plannedSpan>) => `${from.toString()}/${to.toString()}`;

for (const [title, given, planned] of [
  [
    "stands at its opening",
    { verdict: verdict("wait", "2026-03-28T00:00Z") },
    "2026-03-28T00:00:00Z/2026-03-28T00:30:00Z",
  ],
  [
    "stands where it is judged when it may go",
    { verdict: verdict("allow", null) },
    "2026-03-25T08:00:00Z/2026-03-25T08:30:00Z",
  ],
  ["stands at the end of what was looked at without an opening", {}, "2026-05-24T08:00:00Z/2026-05-24T08:30:00Z"],
  [
    "keeps its place for a day while no opening is known",
    { before: span("2026-05-23T09:00Z", "2026-05-23T09:30Z") },
    "2026-05-23T09:00:00Z/2026-05-23T09:30:00Z",
  ],
  [
    "moves on after that day",
    { before: span("2026-05-23T07:00Z", "2026-05-23T07:30Z") },
    "2026-05-24T08:00:00Z/2026-05-24T08:30:00Z",
  ],
  [
    "leaves the place at which an opening is no longer known",
    { before: span("2026-03-28T00:00Z", "2026-03-28T00:30Z") },
    "2026-05-24T08:00:00Z/2026-05-24T08:30:00Z",
  ],
  [
    "comes back from there to an opening",
    { verdict: verdict("wait", "2026-03-28T00:00Z"), before: span("2026-05-24T07:00Z", "2026-05-24T07:30Z") },
    "2026-03-28T00:00:00Z/2026-03-28T00:30:00Z",
  ],
  [
    "keeps the end of the slot that was agreed on",
    { verdict: verdict("wait", "2026-03-28T00:00Z"), agreed: span("2026-03-28T00:00Z", "2026-03-28T04:00Z") },
    "2026-03-28T00:00:00Z/2026-03-28T04:00:00Z",
  ],
] as const) {
  test(`a booking ${title}`, () => {
    const { verdict: judged = verdict("deny", null), ...from } = { verdict: undefined, ...given };
    assert.equal(text(plannedSpan(judged, { ...asked, ...from })), planned);
  });
}
