import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOfControls, evidenceOutcome, type ControlFinding } from "#core/rollout/controls.ts";

const waf: ControlFinding = { name: "waf", onFailure: "roll-back", outcome: "proven", detail: "The probe got 403." };
const tls: ControlFinding = { name: "tls", onFailure: "hold", outcome: "proven", detail: "TLSv1.3." };

for (const [title, controls, kind, evidence] of [
  ["nothing is asked where there are none", [], "none", "pass"],
  ["all proven go on", [waf, tls], "proven", "pass"],
  ["a failure takes back where that is asked for", [{ ...waf, outcome: "failed" }, tls], "roll-back", "fail"],
  ["a failure holds where that is asked for", [waf, { ...tls, outcome: "failed" }], "hold", "fail"],
  ["what could not be looked at is no pass", [waf, { ...tls, outcome: "inconclusive" }], "hold", "not-enough"],
  [
    "the strictest wish counts",
    [
      { ...waf, outcome: "inconclusive" },
      { ...tls, outcome: "failed" },
    ],
    "roll-back",
    "fail",
  ],
] as const) {
  test(`controls: ${title}`, () => {
    assert.equal(answerOfControls(controls).kind, kind);
    assert.equal(evidenceOutcome(controls), evidence);
  });
}

test("the sentence names each control that is not proven, and why", () => {
  const { sentence } = answerOfControls([
    { ...waf, outcome: "failed", detail: "The probe got 200, not 403." },
    { ...tls, outcome: "inconclusive", detail: "It could not be asked: ECONNREFUSED." },
  ]);
  assert.equal(
    sentence,
    "Security controls are not proven: waf failed: The probe got 200, not 403. " +
      "tls could not be looked at: It could not be asked: ECONNREFUSED.",
  );
});
