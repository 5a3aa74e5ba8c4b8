import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import { digestOver, evaluate, type EvaluateOptions } from "#core/policy/evaluate.ts";
import { maxInline, partsText } from "#core/policy/fact-parts.ts";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import type { Rule } from "#core/policy/rule.ts";
import type { Detour, Verdict } from "#core/policy/verdict.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A verdict on record, with what it was judged on. */
export interface StoredJudgement {
  /** Canonical JSON of all facts, or of each by its name. */
  readonly facts: string | ReadonlyMap<string, string>;
  /** Its findings, in their order. */
  readonly findings: readonly { readonly rule: string; readonly ruleVersion: string }[];
  readonly factsDigest: string;
  /** As far as the form that was stored has them. */
  readonly zone?: string;
  readonly detour?: Detour;
}

export interface ReplayFault {
  /**
   * `facts-unreadable`: no facts any more · `facts-altered`: not those that the digest was taken over · `rule-gone`: a
   * rule in the version that judged is not at hand.
   */
  readonly code: "facts-unreadable" | "facts-altered" | "rule-gone";
  readonly message: string;
}

/**
 * Judges the stored facts again by the rules that judged them, whatever rules have come since (semantics §3.5), and says
 * it in the form of the stored verdict, so that equal judgements have equal bytes. The digest is checked against the
 * stored text and not against the facts read from it: facts that have become known since are read as absent, and were
 * no part of it. It is checked in every form in which it was ever taken.
 */
export function judgeAgain(
  rules: readonly Rule[],
  stored: StoredJudgement,
  options: EvaluateOptions,
): Result<Verdict, ReplayFault> {
  const then: Rule[] = [];
  for (const { rule, ruleVersion } of stored.findings) {
    const found = rules.find(({ id, version }) => id === rule && version === ruleVersion);
    if (found === undefined) {
      return err({ code: "rule-gone", message: `the rule ${rule} is not here in version ${ruleVersion}` });
    }
    then.push(found);
  }
  const json = parsed(stored.facts);
  const facts = json === null ? null : factsFromJson(json);
  if (json === null || facts === null)
    return err({ code: "facts-unreadable", message: "the facts are no JSON object" });
  if (!facts.ok) return err({ code: "facts-unreadable", message: facts.error.message });
  if (!digestForms.some((digestOf) => digestOf(json, then, options) === stored.factsDigest)) {
    return err({ code: "facts-altered", message: `the stored facts do not have the digest ${stored.factsDigest}` });
  }
  const judged = { ...evaluate(then, facts.value, options), factsDigest: stored.factsDigest };
  return ok(inFormOf(stored, judged));
}

/**
 * Verdicts of before they named the zone of the environment know no detour either. A verdict about an environment that
 * nobody knows has no zone in any form; then a detour is told by whether the stored one has it.
 */
function inFormOf(stored: Pick<StoredJudgement, "zone" | "detour">, judged: Verdict): Verdict {
  if (stored.zone !== undefined) return judged;
  const { zone: _, detour, ...known } = judged;
  return stored.detour === undefined || detour === undefined ? known : { ...known, detour };
}

type DigestForm = (json: JsonObject, rules: readonly Rule[], options: EvaluateOptions) => string;

/** How the digest of facts was taken, as of today first: over the parts, over the whole, over a digest of every part. */
const digestForms: readonly DigestForm[] = [
  (json, rules, options) => digestOver(partsOf(json, options), rules, options),
  (json, rules, options) => digestOver(canonical(json), rules, options),
  (json, rules, { hash, neededFor, zoneData }) =>
    hash(
      canonical({
        neededFor: neededFor?.toString() ?? null,
        parts: Object.fromEntries(Object.entries(json).map(([name, fact]) => [name, hash(canonical(fact))])),
        rules: rules.map(({ id, version }) => ({ id, version })),
        zoneData,
      }),
    ),
];

type JsonObject = { readonly [name: string]: JsonValue };

function parsed(facts: StoredJudgement["facts"]): JsonObject | null {
  try {
    if (typeof facts !== "string") {
      return Object.fromEntries([...facts].map(([name, text]): [string, JsonValue] => [name, JSON.parse(text)]));
    }
    const json: JsonValue = JSON.parse(facts);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function partsOf(json: JsonObject, { hash }: EvaluateOptions): string {
  const names = Object.keys(json).sort();
  return partsText(
    names.map((name) => {
      const text = canonical(json[name] ?? null);
      return { name, digest: text.length > maxInline ? hash(text) : null, json: () => text };
    }),
  );
}
