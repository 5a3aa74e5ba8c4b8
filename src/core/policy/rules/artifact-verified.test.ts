import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { artifactVerified } from "#core/policy/rules/artifact-verified.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { at, someFacts } from "#core/testing.ts";
import { aPolicy, aVerification, hours } from "#core/testing-demands.ts";

const policies = [aPolicy({ verification: { maxAge: hours(48) } })];

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(artifactVerified.judge(someFacts({ policies, ...overrides })), at(now));
  return `${outcome} ${code}`;
}

for (const [title, overrides, expected] of [
  ["passes when it was verified", { verifications: [aVerification()] }, "pass verified"],
  ["denies when nobody verified it", { verifications: [] }, "deny not-verified"],
  ["takes what is kept nowhere for fine", { verifications: "assumed" }, "not-applicable verifications-assumed"],
  ["is silent when no policy asks", { policies: [] }, "not-applicable no-verification-demanded"],
  ["does not count another digest", { verifications: [aVerification({ digest: "sha256:b" })] }, "deny not-verified"],
  [
    "denies when the bytes differ",
    { verifications: [aVerification({ outcome: "digest-mismatch" })] },
    "deny digest-mismatch",
  ],
  ["denies what is unsigned", { verifications: [aVerification({ outcome: "unsigned", key: null })] }, "deny unsigned"],
  [
    "denies a key that was revoked since, whatever another source had found",
    {
      verifications: [
        aVerification(),
        aVerification({ source: "keys", outcome: "revoked-key", at: at("2026-03-25T07:00Z") }),
      ],
    },
    "deny revoked-key",
  ],
  ["cannot judge without an artifact", { artifact: null, verifications: [] }, "unknown digest-unknown"],
  ["cannot judge an unknown service", { service: null }, "unknown scope-unknown"],
] as const) {
  test(`artifact-verified ${title}`, () => assert.equal(judged(overrides), expected));
}

test("a verification is fresh up to, and not at, its age limit", () => {
  const verifications = [aVerification({ at: at("2026-03-24T08:00Z") })];
  assert.equal(judged({ verifications }, "2026-03-26T07:59:59Z"), "pass verified");
  assert.equal(judged({ verifications }, "2026-03-26T08:00Z"), "deny verification-stale");
});

test("the sentence names key, digest and time", () => {
  const judgement = valueAt(
    artifactVerified.judge(someFacts({ policies, verifications: [aVerification({ outcome: "revoked-key" })] })),
    at("2026-03-25T08:00Z"),
  );
  assert.equal(
    judgement.sentence,
    "cosign found at Tue 24 Mar 2026 09:00 Europe/Berlin (2026-03-24T08:00Z): " +
      "sha256:aaaaaaaaaaaa is signed with key-1, which was revoked.",
  );
});

test("a policy that comes into force demands from then on", () => {
  const later = [aPolicy({ verification: { maxAge: null } }, { from: at("2026-03-27T00:00Z") })];
  assert.equal(judged({ policies: later }, "2026-03-26T23:59Z"), "not-applicable no-verification-demanded");
  assert.equal(judged({ policies: later }, "2026-03-27T00:00Z"), "deny not-verified");
});
