import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { policyCaseResult } from "#contract/policy.ts";
import { answered, api } from "#web/api.ts";
import type { Tone } from "#web/release/deployment.ts";

export type CaseResult = z.infer<typeof policyCaseResult>;

export const casesQuery = queryOptions({
  queryKey: ["policy-cases"],
  queryFn: ({ signal }) => answered(api.listPolicyCases({ signal })),
});

export interface CaseLook {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: "check" | "cross" | "minus";
}

/** How the cases of one policy stand, in a word. */
export function casesLook(cases: readonly Pick<CaseResult, "failures">[]): CaseLook {
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  if (cases.length === 0) return { label: "No case", tone: "rest", icon: "minus" };
  if (failed > 0) return { label: `${failed} of ${cases.length} fail`, tone: "bad", icon: "cross" };
  return { label: cases.length === 1 ? "1 case passes" : `${cases.length} cases pass`, tone: "good", icon: "check" };
}

/** Cases in which the policy decides a setting. */
export function casesOf(cases: readonly CaseResult[], policy: string): readonly CaseResult[] {
  return cases.filter(({ policies }) => policies.includes(policy));
}

/** Cases that no policy decides: their answer comes of windows, freezes, approvals or the state of things. */
export function otherCases(cases: readonly CaseResult[], policies: readonly string[]): readonly CaseResult[] {
  return cases.filter((one) => !one.policies.some((name) => policies.includes(name)));
}

export interface Explained {
  /** What the failure is about: a rule, `verdict` or `next opening`. */
  readonly about: string;
  readonly expected: string | null;
  readonly got: string;
}

/** The sentence of a failure, taken apart for a table; what is put otherwise stays whole. */
export function explained(failure: string): Explained {
  const [, about = "", expected = "", got = ""] = /^([^:]+): expected (.+?), got (.+)$/s.exec(failure) ?? [];
  return about === "" ? { about: "", expected: null, got: failure } : { about, expected, got };
}
