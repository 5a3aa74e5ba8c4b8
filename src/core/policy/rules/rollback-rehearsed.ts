import { forwardActions } from "#core/catalog/scope.ts";
import { permitOf } from "#core/exemption/lane.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, digestUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter } from "#core/policy/moments.ts";
import type { RollbackDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { after, sayDigest, sayDuration, sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { formerOf } from "#core/policy/way-back.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import { newestRehearsal } from "#core/rollback/rehearsal.ts";

/**
 * A rehearsal counts for its pair alone: the digest that is to go, and the version that is live now and would come back.
 * Where nothing is live there is nothing to go back to. An emergency with permission passes and owes it afterwards.
 */
export const rollbackRehearsed = defineRule({
  id: "rollback-rehearsed",
  version: "1",
  title: "The way back was rehearsed for these two versions, not long ago",
  reason: "A rollback that nobody has tried fails when it is needed: its scripts, its data or its time.",
  remedy: "Rehearse the way back for the digest that is to go and the version that is live.",
  codes: [
    "no-rehearsal-demanded",
    "goes-back",
    "nothing-to-go-back-to",
    "evidence-assumed",
    "rehearsed",
    "emergency-permission",
    "rehearsal-missing",
    "rehearsal-failed",
    "rehearsal-stale",
    "inventory-unknown",
    "digest-unknown",
    "scope-unknown",
  ],
  exemptible: ["rehearsal-missing", "rehearsal-stale"],
  overridable: ["rehearsal-missing", "rehearsal-failed", "rehearsal-stale"],
  needs: ["service", "environment", "policies", "artifact", "evidence", "deployed", "emergency"],
  judge(facts) {
    const { at, horizon, subject, environment, artifact, evidence, deployed, emergency } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    const terms = demands.all.flatMap(({ rollback }) => rollback?.demand.rehearsedWithin ?? []);
    if (terms.length === 0) return always(at, notDemanded);
    if (!forwardActions.includes(subject.action)) return always(at, goesBack);
    if (artifact === "assumed" || evidence === "assumed" || deployed === "assumed") return always(at, assumed);
    if (artifact === null) return digestUnknown(at, "Whether the way back was rehearsed");
    if (deployed === "unknown") return always(at, inventoryUnknown);
    const former = formerOf(facts);
    if (former === null) return always(at, nothingLive);
    const found = newestRehearsal({ evidence, digest: artifact.digest, former });
    const permit = permitOf({ subject, artifact, emergency });
    const ends = found === null ? [] : terms.map((term) => after(found.at, term));
    const moments = [...demands.moments, ...ends, ...(permit === null ? [] : [permit.from, permit.to])];
    const pair: Pair = { service: subject.service, version: subject.version, digest: artifact.digest, former };
    const about = { pair, found, zone: environment?.zone ?? null };
    return timelineOfMoments(moments, { from: at, to: horizon }, (moment) => {
      const demanded = demands.settingsAt(moment).rollback;
      const term = demanded?.demand.rehearsedWithin ?? null;
      if (demanded === null || term === null) return notDemanded;
      const judged = toJudgement(about, demanded, term, moment);
      const mayPass = permit !== null && !isAfter(permit.from, moment) && isAfter(permit.to, moment);
      return mayPass && judged.outcome !== "pass" ? byEmergency(permit.id, judged) : judged;
    });
  },
});

const notDemanded = notApplicable("no-rehearsal-demanded", "No policy demands that the way back is rehearsed.");
const goesBack = notApplicable("goes-back", "It goes back itself.");
const nothingLive = notApplicable("nothing-to-go-back-to", "No other version is live there, so nothing can come back.");
const assumed = notApplicable("evidence-assumed", "What was rehearsed is not kept here, so it is not judged.");
const inventoryUnknown = refuse(
  "unknown",
  "inventory-unknown",
  "What is live cannot be read, so nobody knows which way back was to be rehearsed.",
  [],
);

interface Pair {
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  readonly former: string;
}

interface About {
  readonly pair: Pair;
  readonly found: EvidenceRecord | null;
  readonly zone: string | null;
}

function toJudgement(
  { pair, found, zone }: About,
  { sources }: Demanded<RollbackDemand>,
  term: Temporal.Duration,
  moment: Temporal.Instant,
): Judgement {
  const { service, former, digest } = pair;
  const way = `The way back from ${sayDigest(digest)} to ${service}@${former}`;
  const record =
    found === null ? [] : [{ kind: "evidence", ref: found.ref ?? found.kind, text: `rehearsal, ${found.source}` }];
  const evidence = [...record, ...policyEvidence(sources)];
  const remedies = [rehearse(pair)];
  const demandedBy = `demanded by ${sayPolicies(sources)}`;
  if (found === null) {
    const sentence = `${way} was never rehearsed; ${demandedBy}.`;
    return { outcome: "deny", code: "rehearsal-missing", sentence, remedies, evidence };
  }
  const when = sayInstant(found.at, zone);
  if (found.outcome !== "pass") {
    const sentence = `${way} failed when it was rehearsed on ${when}; ${demandedBy}.`;
    return { outcome: "deny", code: "rehearsal-failed", sentence, remedies, evidence };
  }
  if (!isAfter(after(found.at, term), moment)) {
    const sentence = `${way} was rehearsed on ${when}, longer ago than ${sayDuration(term)}; ${demandedBy}.`;
    return { outcome: "deny", code: "rehearsal-stale", sentence, remedies, evidence };
  }
  const took = found.value === null ? "" : ` and took ${sayDuration(Temporal.Duration.from({ seconds: found.value }))}`;
  return pass("rehearsed", `${way} was rehearsed on ${when}${took}.`, evidence);
}

function rehearse({ service, version, former }: Pair): Remedy {
  const what = `Rehearse the way back from ${service}@${version} to ${former}.`;
  return { kind: "supply-evidence", who: "whoever may start runs", what };
}

function byEmergency(id: string, { sentence, evidence }: Judgement): Judgement {
  const ticket = { kind: "emergency", ref: id, text: "emergency permission" };
  const said = `The emergency ${id} lets it pass all the same: ${sentence}`;
  return pass("emergency-permission", said, [ticket, ...(evidence ?? [])]);
}
