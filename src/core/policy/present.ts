import type { Finding } from "#core/policy/finding.ts";
import type { Counterfactual, Detour, Verdict } from "#core/policy/verdict.ts";

/** A verdict as it is stored, sent and shown (`why -o json`, `POST /v1/verdicts`). Instants are UTC with `Z`. */
export interface VerdictJson {
  readonly verdict: Verdict["decision"];
  readonly at: string;
  readonly subject: Verdict["subject"];
  readonly findings: readonly FindingJson[];
  readonly nextOpening: string | null;
  readonly openings: readonly { readonly from: string; readonly to: string }[];
  readonly detour?: { readonly at: string; readonly rule: string; readonly sentence: string };
  readonly zone?: string;
  readonly counterfactuals: readonly CounterfactualJson[];
  readonly factsDigest: string;
  readonly zoneData: string;
}

export interface FindingJson extends Omit<Finding, "until"> {
  readonly until: string | null;
}

export interface CounterfactualJson {
  /** One line per remedy, for a person. */
  readonly remedies: readonly string[];
  /** The same remedies with their parts. */
  readonly steps: readonly CounterfactualStepJson[];
  readonly opensAt: string | null;
}

export interface CounterfactualStepJson {
  readonly rule: string;
  readonly kind: string;
  readonly who: string;
  readonly what: string;
}

/** The order of the members is fixed, so equal verdicts give equal text. */
export function verdictToJson(verdict: Verdict): VerdictJson {
  const { service, version, environment, action } = verdict.subject;
  return {
    verdict: verdict.decision,
    at: verdict.at.toString(),
    subject: {
      service,
      version,
      environment,
      action,
      class: verdict.subject.class,
      invoker: verdict.subject.invoker,
      requestedBy: verdict.subject.requestedBy,
      contentDigest: verdict.subject.contentDigest,
      onBehalfOf: verdict.subject.onBehalfOf,
    },
    findings: verdict.findings.map(findingToJson),
    nextOpening: verdict.nextOpening?.toString() ?? null,
    openings: verdict.openings.map(({ from, to }) => ({ from: from.toString(), to: to.toString() })),
    ...(verdict.detour === undefined ? {} : { detour: detourToJson(verdict.detour) }),
    ...(verdict.zone === undefined ? {} : { zone: verdict.zone }),
    counterfactuals: verdict.counterfactuals.map(counterfactualToJson),
    factsDigest: verdict.factsDigest,
    zoneData: verdict.zoneData,
  };
}

function detourToJson({ at, rule, sentence }: Detour): NonNullable<VerdictJson["detour"]> {
  return { at: at.toString(), rule, sentence };
}

export function findingToJson(finding: Finding): FindingJson {
  return {
    rule: finding.rule,
    ruleVersion: finding.ruleVersion,
    outcome: finding.outcome,
    code: finding.code,
    sentence: finding.sentence,
    until: finding.until?.toString() ?? null,
    evidence: finding.evidence.map(({ kind, ref, text }) => ({ kind, ref, text })),
    remedies: finding.remedies.map(({ kind, who, what }) => ({ kind, who, what })),
  };
}

function counterfactualToJson({ remedies, opensAt }: Counterfactual): CounterfactualJson {
  return {
    remedies: remedies.map(({ remedy }) => `${remedy.who}: ${remedy.what}`),
    steps: remedies.map(({ rule, remedy: { kind, who, what } }) => ({ rule, kind, who, what })),
    opensAt: opensAt?.toString() ?? null,
  };
}
