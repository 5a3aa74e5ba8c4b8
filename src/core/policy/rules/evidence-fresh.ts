import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { demandsOver, demandsUnknown, digestUnknown, policyEvidence, sayPolicies } from "#core/policy/demands.ts";
import type { Demanded, PolicySource } from "#core/policy/effective.ts";
import {
  evidenceFaults,
  evidenceStanding,
  staleMoments,
  type EvidenceStanding,
} from "#core/policy/evidence-standing.ts";
import type { Evidence, Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import type { EvidenceDemand } from "#core/policy/policy.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { capitalised, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import { saySource } from "#core/release/source.ts";

/** Every kind that is demanded is judged, so that all which is missing is known at once; each has a remedy of its own. */
export const evidenceFresh = defineRule({
  id: "evidence-fresh",
  version: "1",
  title: "All evidence that policies demand is there, good enough and fresh",
  reason: "A test that nobody ran, or that was run on other bytes or long ago, says nothing about this change.",
  remedy: "Supply what is missing on the very digest that is to run.",
  codes: [
    "no-evidence-demanded",
    "evidence-assumed",
    "evidence-there",
    ...evidenceFaults,
    "digest-unknown",
    "scope-unknown",
  ],
  exemptible: evidenceFaults.filter((fault) => fault !== "evidence-failed"),
  overridable: [...evidenceFaults],
  needs: ["service", "environment", "artifact", "evidence", "policies"],
  judge(facts) {
    const { at, horizon, service, environment, artifact, evidence } = facts;
    const demands = demandsOver(facts);
    if (demands === null) return demandsUnknown(at);
    if (demands.all.every((settings) => settings.evidence.length === 0)) return always(at, notDemanded);
    if (evidence === "assumed" || artifact === "assumed") return always(at, assumed);
    if (artifact === null) return digestUnknown(at, "The evidence on a digest");
    const own = evidence.filter(({ digest }) => digest === artifact.digest);
    const stale = demands.all.flatMap((settings) =>
      settings.evidence.flatMap(({ demand }) => staleMoments(demand, own, at)),
    );
    const about = { digest: artifact.digest, team: service?.team ?? "", zone: environment?.zone ?? null };
    const judgeAt = (moment: Temporal.Instant): Judgement => {
      const demanded = demands.settingsAt(moment).evidence;
      if (demanded.length === 0) return notDemanded;
      const standings = demanded.map(({ demand }) => evidenceStanding(demand, own, moment));
      return toJudgement(standings, demanded, about);
    };
    return timelineOfMoments([...demands.moments, ...stale], { from: at, to: horizon }, judgeAt);
  },
});

const notDemanded = notApplicable("no-evidence-demanded", "No policy demands evidence.");
const assumed = notApplicable("evidence-assumed", "Evidence is not kept here, so it is not judged.");

interface About {
  readonly digest: string;
  readonly team: string;
  readonly zone: string | null;
}

function toJudgement(
  standings: readonly EvidenceStanding[],
  demanded: readonly Demanded<EvidenceDemand>[],
  about: About,
): Judgement {
  const evidence = [...standings.map((standing) => toEvidence(standing, about)), ...policiesOf(demanded)];
  const open = standings.filter(({ fault }) => fault !== null);
  const said = sayList(
    (open.length === 0 ? standings : open).map((standing) => standing.said),
    "and",
  );
  const [code] = evidenceFaults.filter((fault) => open.some((standing) => standing.fault === fault));
  if (code === undefined) return pass("evidence-there", `${capitalised(said)}.`, evidence);
  const sources = demanded.filter(({ demand }) => open.some(({ kind }) => kind === demand.kind));
  const sentence = `${capitalised(said)}; demanded by ${sayPolicies(uniqueSources(sources))}.`;
  // "Not enough yet" alone comes of itself, from whoever still measures: nobody has to change anything.
  const outcome = code === "evidence-not-enough" ? "hold" : "deny";
  const parts = open.map((standing) => partOf(standing, about));
  const remedies = parts.flatMap((part) => part.remedies);
  return { outcome, code, sentence, remedies, evidence, parts };
}

/** Each kind stops by itself, so that one may be exempted without the others. */
function partOf(standing: EvidenceStanding, about: About): StoppingPart {
  const { kind, fault, said } = standing;
  return { subject: kind, code: fault ?? "", said, remedies: [remedyOf(standing, about)] };
}

function remedyOf({ kind, record }: EvidenceStanding, { digest, team }: About): Remedy {
  const who = record === null ? `team ${team}` : record.source;
  return { kind: "supply-evidence", who, what: `Supply ${kind} on ${digest}.` };
}

function toEvidence({ kind, said, record }: EvidenceStanding, { zone }: About): Evidence {
  if (record === null) return { kind: "evidence", ref: kind, text: said };
  const more = record.ref === null ? "" : `, ${record.ref}`;
  return { kind: "evidence", ref: kind, text: `${said}; ${saySource(record)}, ${sayInstant(record.at, zone)}${more}` };
}

function policiesOf(demanded: readonly Demanded<EvidenceDemand>[]): readonly Evidence[] {
  return policyEvidence(uniqueSources(demanded));
}

function uniqueSources(demanded: readonly Demanded<EvidenceDemand>[]): readonly PolicySource[] {
  return [...new Map(demanded.flatMap(({ sources }) => sources).map((source) => [source.name, source])).values()];
}
