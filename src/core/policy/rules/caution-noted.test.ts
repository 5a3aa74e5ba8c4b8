import assert from "node:assert/strict";
import { test } from "node:test";
import { cautionNoted } from "#core/policy/rules/caution-noted.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aService, at, someFacts } from "#core/testing.ts";

const caution = {
  name: "audits/a-1",
  calendar: "audits",
  summary: "Auditors in the house",
  scope: { tags: ["financial"] },
  span: { from: at("2026-03-26T08:00Z"), to: at("2026-03-27T08:00Z") },
};

function judged(when: string, tags: readonly string[]) {
  const facts = someFacts({ service: aService({ tags }), cautions: [caution] });
  return valueAt(cautionNoted.judge(facts), at(when));
}

test("an event that calls for caution is named while it lasts, and stops nothing", () => {
  const during = judged("2026-03-26T08:00Z", ["financial"]);
  assert.equal(during.outcome, "pass");
  assert.equal(during.code, "caution");
  assert.match(
    during.sentence,
    /^Take care: Auditors in the house \(audits\) until Fri 27 Mar 2026 09:00 Europe\/Berlin/,
  );
  assert.deepEqual(during.evidence, [{ kind: "event", ref: "audits/a-1", text: "Auditors in the house" }]);
});

test("before, after and for services out of its scope it says nothing", () => {
  assert.equal(judged("2026-03-26T07:59Z", ["financial"]).code, "no-caution");
  assert.equal(judged("2026-03-27T08:00Z", ["financial"]).code, "no-caution");
  assert.equal(judged("2026-03-26T09:00Z", []).code, "no-caution");
});
