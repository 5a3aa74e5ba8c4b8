import assert from "node:assert/strict";
import { test } from "node:test";
import { controlStates } from "#core/exemption/control.ts";
import type { Facts } from "#core/policy/facts.ts";
import { anArtifact, aSubject, at, someFacts } from "#core/testing.ts";
import { anEvidence } from "#core/testing-demands.ts";

const since = at("2026-03-01T00:00Z");
const live = (version: string, environment = "prod-emea", service = "cart") => ({
  service,
  version,
  environment,
  since,
});
const planned = aSubject({ hasRollbackPlan: true });
const rehearsed = [anEvidence("rehearsal")];

const cases: readonly (readonly [string, Partial<Facts>, string])[] = [
  ["is not in place because the requester says so", { subject: planned, deployed: [] }, "missing"],
  ["is in place with a former version to go back to", { subject: planned, deployed: [live("1.0.0")] }, "in-place"],
  ["needs the plan as well as the version", { deployed: [live("1.0.0")] }, "missing"],
  ["takes no version for its own former one", { subject: planned, deployed: [live("1.1.0")] }, "missing"],
  ["takes no version of another place", { subject: planned, deployed: [live("1.0.0", "prod-apac")] }, "missing"],
  [
    "takes no version of another service",
    { subject: planned, deployed: [live("1.0.0", "prod-emea", "other")] },
    "missing",
  ],
  ["is unknown while nobody knows what is live", { subject: planned, deployed: "unknown" }, "unknown"],
  ["is in place once the way back was rehearsed with the digest", { deployed: [], evidence: rehearsed }, "in-place"],
  [
    "is not when the rehearsal failed",
    { deployed: [], evidence: [anEvidence("rehearsal", { outcome: "fail" })] },
    "missing",
  ],
  [
    "is not when another digest was rehearsed",
    { deployed: [], evidence: [anEvidence("rehearsal", { digest: `sha256:${"7".repeat(64)}` })] },
    "missing",
  ],
  [
    "is not when the rehearsal is still to come",
    { deployed: [], evidence: [anEvidence("rehearsal", { at: at("2027-01-01T00:00Z") })] },
    "missing",
  ],
];

for (const [title, more, expected] of cases) {
  test(`a rollback plan ${title}`, () => {
    const facts = someFacts({ artifact: anArtifact(), evidence: [], ...more });
    const [found] = controlStates({ controls: ["rollback-plan"] }, facts, facts.at);
    assert.equal(found?.state, expected);
  });
}
