import type { ApprovalRoute } from "#core/approval/route.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { Window } from "#core/calendar/window.ts";
import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Policy } from "#core/policy/policy.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import type { Decision, Verdict } from "#core/policy/verdict.ts";

/** Documents that would take the place of those of the same name, and names that would be gone. */
export interface Replacement<T> {
  readonly added: readonly T[];
  readonly removed: ReadonlySet<string>;
}

/** What is tried on past verdicts. Policies count as in force at every one of them, whatever their dates say. */
export interface Draft {
  readonly policies: Replacement<Policy>;
  readonly windows: Replacement<Window>;
  readonly freezes: Replacement<Freeze>;
  readonly routes: Replacement<ApprovalRoute>;
}

interface Scoped {
  readonly name: string;
  readonly scope: Scope;
}

/**
 * The facts of a past verdict with the draft in place of what was in force then. The very same object when nothing of
 * the draft, nor of what it replaces, concerns the subject: then the verdict is the same too.
 */
export function withDraft(facts: Facts, draft: Draft): Facts {
  const scope = subjectScope(facts);
  if (scope === null) return facts;
  const policies = replaced(facts.policies, timeless(draft.policies), scope);
  const windows = replaced(facts.windows, draft.windows, scope);
  const freezes = replaced(facts.freezes, draft.freezes, scope);
  const routes = replaced(facts.routes, draft.routes, scope);
  const isSame =
    policies === facts.policies && windows === facts.windows && freezes === facts.freezes && routes === facts.routes;
  return isSame ? facts : { ...facts, policies, windows, freezes, routes: inOrder(routes) };
}

function timeless({ added, removed }: Replacement<Policy>): Replacement<Policy> {
  return { added: added.map((policy) => ({ ...policy, from: null, until: null })), removed };
}

function replaced<T extends Scoped>(
  known: readonly T[],
  { added, removed }: Replacement<T>,
  subject: ScopeSubject,
): readonly T[] {
  const touches = ({ scope }: Scoped): boolean => matchesScope(scope, subject);
  const names = new Set([...removed, ...added.map(({ name }) => name)]);
  if (!added.some(touches) && !known.some((each) => names.has(each.name) && touches(each))) return known;
  return [...known.filter(({ name }) => !names.has(name)), ...added];
}

/** As the configuration orders them: the highest priority first, among equals by name. */
function inOrder(routes: readonly ApprovalRoute[]): readonly ApprovalRoute[] {
  return routes.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
}

export const changeKinds = ["newly-blocked", "newly-allowed", "delayed", "earlier", "other"] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** How a verdict would have been another one. */
export interface Difference {
  readonly kind: ChangeKind;
  readonly was: Decision;
  readonly would: Decision;
  readonly wasOpensAt: Temporal.Instant | null;
  readonly wouldOpensAt: Temporal.Instant | null;
  /** Findings that stand in the way on one side only: new ones, or for what becomes easier those that are gone. */
  readonly because: readonly Pick<Finding, "rule" | "code" | "sentence">[];
}

/** null when nobody would notice: the same decision and the same next opening. */
export function differenceOf(was: Verdict, would: Verdict): Difference | null {
  const kind = kindOf(was, would);
  if (kind === null) return null;
  const isEasier = kind === "newly-allowed" || kind === "earlier";
  return {
    kind,
    was: was.decision,
    would: would.decision,
    wasOpensAt: was.nextOpening,
    wouldOpensAt: would.nextOpening,
    because: isEasier ? onlyIn(was, would) : onlyIn(would, was),
  };
}

function kindOf(was: Verdict, would: Verdict): ChangeKind | null {
  if (was.decision === "allow" && would.decision === "allow") return null;
  if (was.decision === "allow") return "newly-blocked";
  if (would.decision === "allow") return "newly-allowed";
  const [a, b] = [was.nextOpening, would.nextOpening];
  if (a === null || b === null) {
    if (a !== b) return a === null ? "earlier" : "delayed";
    return was.decision === would.decision ? null : "other";
  }
  const order = Temporal.Instant.compare(a, b);
  if (order !== 0) return order < 0 ? "delayed" : "earlier";
  return was.decision === would.decision ? null : "other";
}

function onlyIn(one: Verdict, other: Verdict): Difference["because"] {
  const refusing = ({ outcome }: Finding): boolean => outcome !== "pass" && outcome !== "not-applicable";
  const known = new Set(
    other.findings.filter(refusing).map(({ rule, code, sentence }) => `${rule} ${code} ${sentence}`),
  );
  return one.findings
    .filter((finding) => refusing(finding) && !known.has(`${finding.rule} ${finding.code} ${finding.sentence}`))
    .map(({ rule, code, sentence }) => ({ rule, code, sentence }));
}

/** Work that mends something: holding it up costs more than it saves. */
export function isFix({ action, class: changeClass }: Pick<Subject, "action" | "class">): boolean {
  return action === "fix-forward" || action === "roll-back" || changeClass === "emergency";
}
