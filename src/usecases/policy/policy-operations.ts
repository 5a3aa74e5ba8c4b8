import type { DocumentChange } from "#config/diff.ts";
import type { Problem } from "#config/problem.ts";
import type { Difference } from "#core/policy/backtest.ts";
import type { BacktestSummary } from "#core/policy/backtest-summary.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { Policy } from "#core/policy/policy.ts";
import type { Result } from "#core/result.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { DeploymentState } from "#core/rollout/state.ts";

/** Everything that the API offers about policies; bound in `main`. Nothing here changes anything. */
export interface PolicyOperations {
  readonly list: (at: Temporal.Instant) => Promise<readonly PolicyLine[]>;
  /** `version`: null for the one in force, or the last that was. */
  readonly show: (
    name: string,
    version: string | null,
    at: Temporal.Instant,
  ) => Promise<Result<PolicyPage, "no-such-policy" | "no-such-version">>;
  /** How the cases of the folder that was applied last stand under the configuration in force. */
  readonly cases: () => Promise<PolicyCases>;
  /** `asker`: the account; it has one turn at a time, and its next one stands behind everybody who waits. */
  readonly backTest: (question: BacktestQuestion, asker: string) => Promise<Result<BacktestPage, BacktestRefusal>>;
}

export interface PolicyLine {
  readonly name: string;
  readonly version: string;
  /** Since when this version is in force as a document, and who applied it. */
  readonly appliedAt: Temporal.Instant;
  readonly appliedBy: string;
  /** null when the stored document cannot be read any more: then everything it may match is denied. */
  readonly policy: Policy | null;
  readonly unreadable: string | null;
  readonly isInForce: boolean;
  readonly services: readonly string[];
  /** Rules whose answers its settings decide. */
  readonly rules: readonly string[];
}

export interface PolicyPage extends PolicyLine {
  /** The document as YAML. */
  readonly text: string;
  readonly place: string;
  /** Newest first. */
  readonly versions: readonly {
    readonly version: string;
    readonly from: Temporal.Instant;
    readonly to: Temporal.Instant | null;
    readonly appliedBy: string;
    readonly place: string;
  }[];
}

export interface PolicyCases {
  /** Those that fail first, then by name. */
  readonly items: readonly PolicyCaseResult[];
  /** Cases that were not judged, because one answer has its limits. */
  readonly left: number;
}

export interface PolicyCaseResult {
  readonly name: string;
  readonly description: string | null;
  /** `path:line` where it was written. */
  readonly place: string;
  readonly appliedAt: Temporal.Instant;
  readonly appliedBy: string;
  /** null for a case that this version cannot read. */
  readonly question: { readonly subject: Subject; readonly at: Temporal.Instant } | null;
  /** One sentence for each expectation that is not met; none: it passes. */
  readonly failures: readonly string[];
  /** null when it was not judged. */
  readonly verdict: Verdict["decision"] | null;
  /** Policies that decide a setting in it. */
  readonly policies: readonly string[];
}

export interface BacktestQuestion {
  /** Documents to add or to put in the place of those of the same name. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** `Kind/name` of documents that would be gone. */
  readonly remove: readonly string[];
  readonly since: Temporal.Instant;
  readonly until: Temporal.Instant;
  /** As it came in `next`; null to begin. */
  readonly after: string | null;
  /** Verdicts to judge in one answer, at most. */
  readonly limit: number;
}

/**
 * `yours`: the asker has one running or waiting already · `full`: others are being judged, and as many wait as may ·
 * `too-heavy`: one stretch took more memory or time than it may.
 */
export type BacktestRefusal =
  | "yours"
  | "full"
  | "too-heavy"
  | { readonly code: "invalid-configuration"; readonly problems: readonly Problem[] };

/** One stretch of a back-test. */
export interface BacktestPage {
  /** What differs from the configuration in force and was tried. */
  readonly draft: readonly Pick<DocumentChange, "kind" | "name" | "change">[];
  /** What differs and is of a kind that a back-test does not try. */
  readonly ignored: readonly string[];
  /** Recorded verdicts in the whole span, for the progress. */
  readonly total: number;
  readonly judged: number;
  /** Deployments among them, each counted by its last verdict at a request, a gate or a start. */
  readonly deployments: number;
  /** The recorded verdicts judged again without the draft. */
  readonly replay: {
    /** Judged with the rules and zone data that run now, so that they must come out byte for byte. */
    readonly comparable: number;
    readonly reproduced: number;
    /** Verdicts that did not; none, or something is wrong with this installation. */
    readonly different: readonly string[];
    /** Judged with other versions of rules, or other zone data: compared with what today's would have said. */
    readonly olderRules: number;
    readonly olderZoneData: number;
    /** Facts that this version cannot read; not counted among the deployments. */
    readonly unreadable: readonly { readonly verdict: string; readonly message: string }[];
  };
  readonly changes: readonly BacktestChange[];
  /** Of this stretch alone; over several, `summarise` puts them together. */
  readonly summary: BacktestSummary;
  readonly next: string | null;
}

export interface BacktestChange extends Difference {
  readonly verdict: string;
  readonly deployment: string | null;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly delaySeconds: number | null;
  readonly state: DeploymentState | null;
  readonly failed: boolean;
  readonly fix: boolean;
}
