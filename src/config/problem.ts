import type { Path } from "#config/json.ts";

/**
 * What can be wrong with a configuration. Codes are stable; sentences may change. The meanings become a table in
 * docs/reference/configuration.md.
 */
export const problemCodes = {
  "file-too-large": "A file is larger than the limit.",
  "too-much-text": "All files together are larger than the limit.",
  "too-many-documents": "There are more documents than the limit.",
  "too-many-problems": "More problems were found than are listed.",
  "bad-character": "The text holds a character that is not allowed.",
  yaml: "The text is not YAML 1.2.",
  "yaml-version": "A directive asks for another version of YAML.",
  tag: "A tag asks for something else than plain data.",
  alias: "An alias names no anchor before it, or there are too many of them.",
  "too-deep": "Values are nested deeper than the limit.",
  "too-many-values": "A file holds more values than the limit.",
  "bad-number": "A number is not finite or too large to be exact.",
  "bad-key": "A key is not a plain, allowed text.",
  "duplicate-key": "A mapping has the same key twice.",
  "not-a-document": "A document is not a mapping with kind, metadata and spec.",
  "api-version": "The apiVersion is not known.",
  "unknown-kind": "The kind does not exist.",
  "kind-not-supported": "The kind is planned and not supported yet.",
  "bad-name": "A name does not follow the rules for names.",
  "unknown-field": "The kind has no such field.",
  "missing-field": "A mandatory field is missing.",
  "wrong-type": "A value has the wrong type.",
  "bad-value": "A value is not one of those allowed.",
  "out-of-range": "A number or a list is too small or too large.",
  "unknown-zone": "The zone is not an IANA zone known to this process.",
  "bad-local-time": "A local time cannot be read.",
  "bad-time-of-day": "A time of day cannot be read.",
  "bad-instant": "An instant cannot be read.",
  "bad-duration": "A duration cannot be read or has no fixed length.",
  "bad-calendar": "The text of a calendar cannot be read.",
  "bad-recurrence": "A recurrence rule cannot be read.",
  "end-and-duration": "A rule has both an end and a duration.",
  "no-end": "A rule has neither an end nor a duration.",
  "absolute-end": "An absolute end does not fit the rule.",
  "bad-range": "A version range cannot be read.",
  "bad-version": "A version cannot be read.",
  "bad-glob": "A scope names something that cannot match.",
  "bad-edge": "A dependency does not say clearly what it points to.",
  "unknown-reference": "A name refers to nothing that is declared.",
  "ambiguous-name": "A service and a vendor have the same name.",
  "duplicate-name": "Two documents of a kind have the same name.",
  "duplicate-account": "Two persons own the same account.",
  "own-change": "The documents ease what stops open work that whoever applies them asked for or wrote.",
  "nobody-may-apply": "Nobody would be left who may apply a configuration.",
  "dependency-cycle": "Services depend on each other in a circle without declaring a contract.",
  "environment-cycle": "Environments come after each other in a circle.",
  "sequence-cycle": "Releases of sequences come after each other in a circle.",
  "no-approver": "A route asks for approvals that nobody can give.",
  "wrong-order": "A span ends at or before its start.",
  "no-owner": "Nobody answers for a freeze.",
  contradiction: "Values of one policy cannot hold together.",
  "bad-expression": "The expression of a clause cannot be read, or asks for something that is not there.",
  "overlay-too-far": "An overlay says what is not for its team to say.",
  "overlay-loosens": "An overlay names something looser than the centre demands.",
  "outside-bounds": "An overlay moves a number out of the bounds that the centre sets.",
  "step-cycle": "Steps of a plan wait for each other.",
  "no-way-back": "A plan, or a step that changes something, does not say how it is taken back.",
  "method-excluded": "A strategy asks a service for a method that the service or a place excludes.",
  "liveness-alone": "Before users see a version of the service, it is asked only whether it is alive.",
  "matches-nothing": "A scope matches nothing that is declared.",
  "twin-label": "A tag, data class or region differs from another one in case alone.",
} as const;
export type ProblemCode = keyof typeof problemCodes;

/** An error stops the configuration from being used; a warning does not. */
export type Severity = "error" | "warning";

/** One thing that is wrong, where it is, and what to do. Lines and columns count from 1; columns in UTF-16 units. */
export interface Problem {
  readonly severity: Severity;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: ProblemCode;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One imperative sentence: what to do. */
  readonly remedy: string;
  /** The line of the text and a caret under the place, or "" where there is no text. */
  readonly excerpt: string;
  /** `Kind/name` of the document; null when the text could not be read that far. */
  readonly document: string | null;
}

/** A problem before its place in the text is looked up. */
export interface FieldProblem {
  readonly severity?: Severity;
  readonly at: Path;
  /** Point to the key of a mapping instead of its value. */
  readonly on?: "key";
  /** Characters into the value, for a text with a grammar of its own. */
  readonly offset?: number;
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
}

/** More than a person reads; keeps the answer to a hostile or generated input small. */
export const maxProblems = 1_000;

/** In the order of the files, lines and columns; equal places keep the order of codes. At most `maxProblems` + 1. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const sorted = problems.toSorted(
    (a, b) =>
      compareText(a.path, b.path) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  const last = sorted[maxProblems - 1];
  if (sorted.length <= maxProblems || last === undefined) return sorted;
  const more: Problem = {
    ...last,
    severity: sorted.slice(maxProblems).some(isError) ? "error" : "warning",
    code: "too-many-problems",
    message: `${sorted.length - maxProblems} more problems are not listed.`,
    remedy: "Mend those above and check again.",
    excerpt: "",
    document: null,
  };
  return [...sorted.slice(0, maxProblems), more];
}

export function isError(problem: Pick<Problem, "severity">): boolean {
  return problem.severity === "error";
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
