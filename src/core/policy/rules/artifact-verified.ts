import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, digestUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import type { VerificationDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { after, isOver, sayDigest, sayDuration, sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { Verification } from "#core/release/reports.ts";
import { saySource } from "#core/release/source.ts";

/**
 * Digest and signature, at every promotion and whichever way it goes. Of each source the newest report counts; one that
 * says anything but `verified` is enough to stop, so a key that is revoked later stops what it had signed.
 */
export const artifactVerified = defineRule({
  id: "artifact-verified",
  version: "1",
  title: "Digest and signature of the artifact were verified against the trust policy",
  reason: "What runs must be what was built, tested and approved, byte for byte.",
  remedy: "Verify the artifact again; if it was changed or its key revoked, build and sign it anew.",
  codes: [
    "no-verification-demanded",
    "verifications-assumed",
    "verified",
    "not-verified",
    "digest-mismatch",
    "unsigned",
    "untrusted-key",
    "revoked-key",
    "verification-stale",
    "digest-unknown",
    "scope-unknown",
  ],
  needs: ["service", "environment", "artifact", "verifications", "policies"],
  judge(facts) {
    const { at, horizon, environment, artifact, verifications } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every(({ verification }) => verification === null)) return always(at, notDemanded);
    if (verifications === "assumed" || artifact === "assumed") return always(at, assumed);
    if (artifact === null) return digestUnknown(at, "The verification of a digest");
    const own = verifications.filter(({ digest }) => digest === artifact.digest);
    const stale = demands.all.flatMap(({ verification }) => staleMoments(own, verification?.demand ?? null));
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).verification;
      return demanded === null ? notDemanded : toJudgement({ digest: artifact.digest, own, demanded, zone }, moment);
    };
    return timelineOfMoments([...demands.moments, ...stale], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-verification-demanded", "No policy demands that the artifact be verified.");
const assumed = notApplicable("verifications-assumed", "Verifications are not kept here, so they are not judged.");

function staleMoments(own: readonly Verification[], demand: VerificationDemand | null): readonly Temporal.Instant[] {
  const age = demand?.maxAge ?? null;
  return age === null ? [] : own.map((verification) => after(verification.at, age));
}

interface Standing {
  readonly digest: string;
  readonly own: readonly Verification[];
  readonly demanded: Demanded<VerificationDemand>;
  readonly zone: string | null;
}

function toJudgement({ digest, own, demanded, zone }: Standing, moment: Temporal.Instant): Judgement {
  const { demand, sources } = demanded;
  const evidence = [...own.map((one) => toEvidence(one, zone)), ...policyEvidence(sources)];
  const artifact = sayDigest(digest);
  const bad = own.find(({ outcome }) => outcome !== "verified");
  if (bad !== undefined && bad.outcome !== "verified") {
    const sentence = `${saySource(bad)} found at ${sayInstant(bad.at, zone)}: ${words[bad.outcome](artifact, bad.key)}.`;
    return refuse("deny", bad.outcome, sentence, [verifyAgain(bad.source, digest)], evidence);
  }
  const newest = newestOf(own);
  if (newest === null) {
    const sentence = `${artifact} was never verified; ${sayPolicies(sources)} demands it.`;
    return refuse("deny", "not-verified", sentence, [verifyAgain("whoever verifies artifacts", digest)], evidence);
  }
  const age = demand.maxAge;
  if (age !== null && isOver(newest.at, age, moment)) {
    const sentence = `${artifact} was verified at ${sayInstant(newest.at, zone)}, more than ${sayDuration(age)} before.`;
    return refuse("deny", "verification-stale", sentence, [verifyAgain(newest.source, digest)], evidence);
  }
  const key = newest.key === null ? "" : `, signed with ${newest.key}`;
  const sentence = `${artifact} was verified by ${saySource(newest)} at ${sayInstant(newest.at, zone)}${key}.`;
  return pass("verified", sentence, evidence);
}

const words: Readonly<
  Record<Exclude<Verification["outcome"], "verified">, (artifact: string, key: string | null) => string>
> = {
  "digest-mismatch": (artifact) => `the bytes are not those of ${artifact}`,
  unsigned: (artifact) => `${artifact} is not signed`,
  "untrusted-key": (artifact, key) => `${artifact} is signed with ${key ?? "a key"}, which nobody trusts`,
  "revoked-key": (artifact, key) => `${artifact} is signed with ${key ?? "a key"}, which was revoked`,
};

function newestOf(own: readonly Verification[]): Verification | null {
  let newest: Verification | null = null;
  for (const one of own) if (newest === null || isAfter(one.at, newest.at)) newest = one;
  return newest;
}

function verifyAgain(who: string, digest: string): Remedy {
  return { kind: "supply-evidence", who, what: `Verify ${digest} anew, built and signed again if need be.` };
}

function toEvidence(verification: Verification, zone: string | null): Evidence {
  const { outcome, key, at, digest } = verification;
  const signed = key === null ? "" : ` with key ${key}`;
  return {
    kind: "verification",
    ref: digest,
    text: `${outcome} by ${saySource(verification)} at ${sayInstant(at, zone)}${signed}`,
  };
}
