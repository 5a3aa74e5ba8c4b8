import type { PolicyCase } from "#config/kinds/policy-case.ts";
import { factsFrom, type World } from "#config/world.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import { demandsIn, effectiveSettings } from "#core/policy/effective.ts";
import { evaluate, type EvaluateOptions } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rules } from "#core/policy/registry.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Verdict } from "#core/policy/verdict.ts";

/** As far as the server's own timelines reach. */
export const caseHorizonHours = 60 * 24;

export interface CaseOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** One sentence for each expectation that was not met. */
  readonly failures: readonly string[];
  readonly verdict: Verdict["decision"];
}

export interface CaseReport {
  readonly cases: readonly CaseOutcome[];
  readonly passed: number;
  readonly failed: number;
  readonly coverage: {
    /** Every policy of the folder, with the cases in which it decides a setting; none: nobody would notice its loss. */
    readonly policies: readonly { readonly policy: string; readonly cases: readonly string[] }[];
    /** Every rule, with the codes that some case saw and those that none did. */
    readonly rules: readonly {
      readonly rule: string;
      readonly seen: readonly string[];
      readonly unseen: readonly string[];
    }[];
  };
}

/** Judges every case over the folder's world with the one verdict function. Pure: equal folders, equal reports. */
export function runCases(
  world: World & { readonly cautions?: readonly Caution[] },
  cases: readonly PolicyCase[],
  options: EvaluateOptions,
): CaseReport {
  const judged = cases.map((each) => judge(world, each, options));
  const outcomes = judged.map(({ outcome }) => outcome);
  const failed = outcomes.filter(({ passed }) => !passed).length;
  return {
    cases: outcomes,
    passed: outcomes.length - failed,
    failed,
    coverage: {
      policies: world.organisation.policies.map(({ name }) => ({
        policy: name,
        cases: judged.filter(({ policies }) => policies.has(name)).map(({ outcome }) => outcome.name),
      })),
      rules: rules.map(({ id, codes }) => {
        const given = new Set(judged.map(({ codeOf }) => codeOf.get(id)));
        return {
          rule: id,
          seen: codes.filter((code) => given.has(code)),
          unseen: codes.filter((code) => !given.has(code)),
        };
      }),
    },
  };
}

interface Judged {
  readonly outcome: CaseOutcome;
  /** Names of the policies that decide a setting. */
  readonly policies: ReadonlySet<string>;
  readonly codeOf: ReadonlyMap<string, string>;
}

function judge(
  world: World & { readonly cautions?: readonly Caution[] },
  { name, at, subject, state, expect }: PolicyCase,
  options: EvaluateOptions,
): Judged {
  const horizon = at.add({ hours: caseHorizonHours });
  const own = { ...world, state: state ?? world.state };
  const facts: Facts = { ...factsFrom(own, subject, at, horizon), cautions: world.cautions ?? [] };
  const verdict = evaluate(rules, facts, options);
  const failures = failuresOf(verdict, expect);
  return {
    outcome: { name, passed: failures.length === 0, failures, verdict: verdict.decision },
    policies: decidingPolicies(facts),
    codeOf: new Map(verdict.findings.map(({ rule, code }) => [rule, code])),
  };
}

/** The policies from which some setting of the subject stems. */
function decidingPolicies(facts: Facts): ReadonlySet<string> {
  const scope = subjectScope(facts);
  if (scope === null) return new Set();
  const demands = demandsIn(effectiveSettings(facts.policies, scope, facts.at));
  return new Set(demands.flatMap(({ sources }) => sources.map(({ name }) => name)));
}

function failuresOf(verdict: Verdict, expect: PolicyCase["expect"]): readonly string[] {
  const failures: string[] = [];
  if (expect.verdict !== null && expect.verdict !== verdict.decision) {
    failures.push(`verdict: expected ${expect.verdict}, got ${verdict.decision}: ${reasonsOf(verdict)}`);
  }
  for (const wanted of expect.findings) {
    const found = verdict.findings.find(({ rule }) => rule === wanted.rule);
    const given = found === undefined ? "nothing" : `${found.outcome} ${found.code}: ${found.sentence}`;
    const meets =
      found !== undefined &&
      (wanted.outcome ?? found.outcome) === found.outcome &&
      (wanted.code ?? found.code) === found.code &&
      found.sentence.includes(wanted.says ?? "");
    const says = wanted.says === null ? "" : ` saying "${wanted.says}"`;
    if (!meets) {
      failures.push(
        `${wanted.rule}: expected ${wanted.outcome ?? "any"} ${wanted.code ?? "any code"}${says}, got ${given}`,
      );
    }
  }
  for (const code of expect.absent) {
    const found = verdict.findings.find((finding) => finding.code === code);
    if (found !== undefined) failures.push(`${found.rule}: ${code} was to be absent: ${found.sentence}`);
  }
  const { nextOpening } = expect;
  if (nextOpening !== undefined && nextOpening?.toString() !== verdict.nextOpening?.toString()) {
    const text = (at: Temporal.Instant | null): string => at?.toString() ?? "none";
    failures.push(`next opening: expected ${text(nextOpening)}, got ${text(verdict.nextOpening)}`);
  }
  return failures;
}

function reasonsOf(verdict: Verdict): string {
  const refusing = verdict.findings.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
  return refusing.length === 0
    ? "nothing is in the way"
    : refusing.map(({ rule, code }) => `${rule} ${code}`).join(", ");
}
