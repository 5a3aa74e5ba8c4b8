import { permitOf } from "#core/exemption/lane.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import {
  demandsOver,
  demandsUnknown,
  digestUnknown,
  policyEvidence,
  policyOwners,
  sayPolicies,
} from "#core/policy/demands.ts";
import type { Demanded } from "#core/policy/effective.ts";
import type { Evidence, Judgement, Remedy } from "#core/policy/finding.ts";
import { isAfter, latestOf } from "#core/policy/moments.ts";
import type { PromotionDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { after, sayDigest, sayDuration, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { PassedStage } from "#core/release/reports.ts";

/**
 * The path is that of the *digest*: a rebuilt version begins again at its start. Every environment counts that lies
 * before this one along `after`, however far back, and in which it was live until the soak was over. Going back is no
 * promotion; an emergency passes on a permission in force for just this digest and place. Without a policy that demands the
 * path nothing is judged.
 */
export const environmentPath = defineRule({
  id: "environment-path",
  version: "4",
  title: "The same digest was live in every environment before this one, for long enough",
  reason: "What users meet first in production has not been tried anywhere.",
  remedy: "Take this very digest through the environments that are missing.",
  codes: [
    "no-path-demanded",
    "goes-back",
    "path-assumed",
    "first-stage",
    "path-passed",
    "emergency-permission",
    "stage-missing",
    "stage-soaking",
    "digest-unknown",
    "scope-unknown",
  ],
  exemptible: ["stage-missing", "stage-soaking"],
  overridable: ["stage-missing", "stage-soaking"],
  needs: ["service", "environment", "artifact", "passed", "policies", "stagesBefore", "emergency"],
  judge(facts) {
    const { at, horizon, subject, environment, artifact, passed, stagesBefore, emergency } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every(({ promotion }) => promotion === null)) return always(at, notDemanded);
    if (subject.action === "roll-back" || subject.action === "restart") {
      return always(at, notApplicable("goes-back", "Going back to what ran before is no promotion."));
    }
    if (stagesBefore.length === 0) {
      return always(at, notApplicable("first-stage", `Nothing comes before ${subject.environment}.`));
    }
    if (passed === "assumed" || artifact === "assumed") return always(at, assumed);
    if (artifact === null) return digestUnknown(at, "The path of a digest");
    const live = passed.filter(({ digest }) => digest === artifact.digest);
    const soaked = demands.all.flatMap(({ promotion }) =>
      promotion === null ? [] : live.map(({ since }) => after(since, promotion.demand.soak)),
    );
    const permit = permitOf({ subject, artifact, emergency });
    const permitMoments = permit === null ? [] : [permit.from, permit.to];
    const path: Path = { at, digest: artifact.digest, live, stagesBefore, zone: environment?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).promotion;
      if (demanded === null) return notDemanded;
      const standing = toJudgement(path, demanded, moment);
      const mayPass = permit !== null && !isAfter(permit.from, moment) && isAfter(permit.to, moment);
      return mayPass && standing.outcome !== "pass" ? byEmergency(permit.id, standing) : standing;
    };
    return timelineOfMoments([...demands.moments, ...soaked, ...permitMoments], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-path-demanded", "No policy demands the promotion path.");
const assumed = notApplicable("path-assumed", "What ran where is not kept here, so the path is not judged.");

interface Path {
  readonly at: Temporal.Instant;
  readonly digest: string;
  readonly live: readonly PassedStage[];
  readonly stagesBefore: readonly string[];
  readonly zone: string | null;
}

function byEmergency(id: string, { sentence, evidence }: Judgement): Judgement {
  const ticket = { kind: "emergency", ref: id, text: "emergency permission" };
  const said = `The emergency ${id} lets it pass all the same: ${sentence}`;
  return pass("emergency-permission", said, [ticket, ...(evidence ?? [])]);
}

/** A stage that the digest has reached, with the instant from which it counts. */
interface Reached {
  readonly stage: string;
  readonly countsFrom: Temporal.Instant;
}

function toJudgement(path: Path, { demand, sources }: Demanded<PromotionDemand>, moment: Temporal.Instant): Judgement {
  const { digest, stagesBefore, zone } = path;
  const reached = stagesBefore.map((stage) => reachedAt(path, stage, demand.soak));
  const left = stagesBefore.flatMap((stage, place) => (reached[place] === null ? leftOf(path, stage) : []));
  const missing = stagesBefore.filter((_, place) => reached[place] === null);
  const soaking = reached.filter((one): one is Reached => one !== null && isAfter(one.countsFrom, moment));
  const evidence = [...evidenceOf(path), ...policyEvidence(sources)];
  const artifact = sayDigest(digest);
  if (missing.length === 0 && soaking.length === 0) {
    return pass("path-passed", `${artifact} was live in ${sayList(stagesBefore, "and")}.`, evidence);
  }
  const soak = soaking.map(({ stage, countsFrom }) => `it soaks in ${stage} until ${sayInstant(countsFrom, zone)}`);
  const parts = [
    ...missing.map((stage) => ({
      subject: stage,
      code: "stage-missing",
      said: `${stage} is missing for ${artifact}`,
      remedies: [takeThrough(stage, digest, demand.soak)],
    })),
    ...soaking.map(({ stage }, place) => ({
      subject: stage,
      code: "stage-soaking",
      said: soak[place] ?? stage,
      remedies: [exemptFrom(stage, sources)],
    })),
  ];
  const deeds = parts.flatMap(({ remedies }) => remedies);
  const last = latestOf(soaking.map(({ countsFrom }) => countsFrom));
  if (missing.length === 0 && last !== null) {
    const wait: Remedy = { kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, zone)}.` };
    const sentence = `${artifact} is not through yet: ${sayList(soak, "and")}.`;
    return { outcome: "wait", code: "stage-soaking", sentence, remedies: [wait, ...deeds], evidence, parts };
  }
  const early = left.map(
    ({ environment, until }) => `it left ${environment} on ${sayInstant(until, zone)}, before its soak was over`,
  );
  const also = [...early, ...soak].map((said) => `; ${said}`).join("");
  const are = missing.length === 1 ? "is" : "are";
  const sentence = `${sayList(missing, "and")} ${are} missing for ${artifact}${also}; demanded by ${sayPolicies(sources)}.`;
  return { outcome: "deny", code: "stage-missing", sentence, remedies: deeds, evidence, parts };
}

function exemptFrom(stage: string, sources: Demanded<PromotionDemand>["sources"]): Remedy {
  return { kind: "change", who: policyOwners(sources), what: `Exempt it from the rest of its soak in ${stage}.` };
}

/** By the earliest time that the digest was live there for its soak, or is so still; null when it never was. */
function reachedAt({ at, live }: Path, stage: string, soak: Temporal.Duration): Reached | null {
  let first: Temporal.Instant | null = null;
  for (const { environment, since, until } of live) {
    if (environment !== stage || (first !== null && !isAfter(first, since))) continue;
    const hasLeft = until !== undefined && !isAfter(until, at);
    if (!hasLeft || !isAfter(after(since, soak), until)) first = since;
  }
  return first === null ? null : { stage, countsFrom: after(first, soak) };
}

interface Left {
  readonly environment: string;
  readonly until: Temporal.Instant;
}

/** Of a stage that does not count: when another digest took the place of this one. */
function leftOf({ live }: Path, stage: string): readonly Left[] {
  return live.flatMap(({ environment, until }) =>
    environment === stage && until !== undefined ? [{ environment, until }] : [],
  );
}

function takeThrough(stage: string, digest: string, soak: Temporal.Duration): Remedy {
  const length = soak.sign === 0 ? "" : ` and let it soak there for ${sayDuration(soak)}`;
  return { kind: "deploy", who: "requester", what: `Take ${digest} to ${stage}${length}.` };
}

function evidenceOf({ live, stagesBefore, zone }: Path): readonly Evidence[] {
  return live
    .filter(({ environment }) => stagesBefore.includes(environment))
    .map(({ environment, deployment, since }) => ({
      kind: "deployment",
      ref: deployment,
      text: `live in ${environment} since ${sayInstant(since, zone)}`,
    }));
}
