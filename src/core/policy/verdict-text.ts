import { canonicalText } from "#core/policy/fact-text.ts";
import type { Evidence, Finding, Remedy } from "#core/policy/finding.ts";
import type { Counterfactual, Verdict } from "#core/policy/verdict.ts";
import type { Span } from "#core/span.ts";

type Step = Counterfactual["remedies"][number];

const texts = new WeakMap<Verdict, string>();

/**
 * The canonical JSON (RFC 8785) of `verdictToJson`: what is stored, compared at replay and sent. Written without making
 * the JSON first, and once for each verdict, since one text serves the record and the answer. Errors as of `canonical`.
 */
export function verdictText(verdict: Verdict): string {
  const known = texts.get(verdict);
  if (known !== undefined) return known;
  const text = textOf(verdict);
  texts.set(verdict, text);
  return text;
}

/**
 * One text that grows at its end: the engine puts such a one together in one go, and takes several times as long for
 * texts made of texts made of texts.
 */
function textOf(verdict: Verdict): string {
  const { at, counterfactuals, detour, findings, openings, subject, zone } = verdict;
  let text = `{"at":${canonicalText(at)},"counterfactuals":`;
  text = withList(text, counterfactuals, withCounterfactual);
  if (detour !== undefined) {
    text += `,"detour":{"at":${canonicalText(detour.at)},"rule":${canonicalText(detour.rule)},"sentence":`;
    text += `${canonicalText(detour.sentence)}}`;
  }
  text += `,"factsDigest":${canonicalText(verdict.factsDigest)},"findings":`;
  text = withList(text, findings, withFinding);
  text += `,"nextOpening":${canonicalText(verdict.nextOpening)},"openings":`;
  text = withList(text, openings, withSpan);
  text = withSubject(`${text},"subject":`, subject);
  text += `,"verdict":"${verdict.decision}"`;
  if (zone !== undefined) text += `,"zone":${canonicalText(zone)}`;
  return `${text},"zoneData":${canonicalText(verdict.zoneData)}}`;
}

function withList<T>(before: string, list: readonly T[], withOne: (before: string, one: T) => string): string {
  let text = `${before}[`;
  for (const [place, one] of list.entries()) text = withOne(place === 0 ? text : `${text},`, one);
  return `${text}]`;
}

function withSpan(before: string, { from, to }: Span): string {
  return `${before}{"from":${canonicalText(from)},"to":${canonicalText(to)}}`;
}

function withSubject(before: string, subject: Verdict["subject"]): string {
  let text = `${before}{"action":"${subject.action}","class":"${subject.class}","contentDigest":`;
  text += `${canonicalText(subject.contentDigest)},"environment":${canonicalText(subject.environment)},"invoker":"`;
  text += `${subject.invoker}","onBehalfOf":${canonicalText(subject.onBehalfOf)},"requestedBy":`;
  text += `${canonicalText(subject.requestedBy)},"service":${canonicalText(subject.service)},"version":`;
  return `${text}${canonicalText(subject.version)}}`;
}

function withFinding(before: string, finding: Finding): string {
  let text = `${before}{"code":${canonicalText(finding.code)},"evidence":`;
  text = withList(text, finding.evidence, withEvidence);
  text += `,"outcome":"${finding.outcome}","remedies":`;
  text = withList(text, finding.remedies, withRemedy);
  text += `,"rule":${canonicalText(finding.rule)},"ruleVersion":${canonicalText(finding.ruleVersion)},"sentence":`;
  return `${text}${canonicalText(finding.sentence)},"until":${canonicalText(finding.until)}}`;
}

function withEvidence(before: string, { kind, ref, text }: Evidence): string {
  return `${before}{"kind":${canonicalText(kind)},"ref":${canonicalText(ref)},"text":${canonicalText(text)}}`;
}

function withRemedy(before: string, { kind, what, who }: Remedy): string {
  return `${before}{"kind":"${kind}","what":${canonicalText(what)},"who":${canonicalText(who)}}`;
}

function withCounterfactual(before: string, { opensAt, remedies }: Counterfactual): string {
  let text = `${before}{"opensAt":${canonicalText(opensAt)},"remedies":`;
  text = withList(text, remedies, (line, { remedy: { who, what } }) => line + canonicalText(`${who}: ${what}`));
  return `${withList(`${text},"steps":`, remedies, withStep)}}`;
}

function withStep(before: string, { rule, remedy: { kind, what, who } }: Step): string {
  const text = `${before}{"kind":"${kind}","rule":${canonicalText(rule)},"what":`;
  return `${text}${canonicalText(what)},"who":${canonicalText(who)}}`;
}
