/**
 * A scope says what a rule is about. Fields are ANDed; the globs inside a field are ORed; an absent field
 * does not restrict. A glob knows `*` (any run of characters) and `?` (one character), nothing else.
 */
export interface Scope {
  readonly environments?: readonly string[];
  readonly services?: readonly string[];
  readonly teams?: readonly string[];
  readonly units?: readonly string[];
  readonly tags?: readonly string[];
  readonly regions?: readonly string[];
  readonly dataClasses?: readonly string[];
  readonly tiers?: readonly number[];
  readonly classes?: readonly string[];
  readonly actions?: readonly string[];
  readonly invokers?: readonly string[];
}

/** What a scope is matched against. Lists match when any of their members matches. */
export interface ScopeSubject {
  readonly environment: string;
  readonly region: string | null;
  readonly service: string;
  readonly team: string;
  readonly unit: string;
  readonly tier: number;
  readonly tags: readonly string[];
  readonly dataClasses: readonly string[];
  readonly class: ChangeClass;
  readonly action: ChangeAction;
  readonly invoker: Invoker;
}

export const changeClasses = ["standard", "normal", "emergency"] as const;
export type ChangeClass = (typeof changeClasses)[number];

export const changeActions = ["deploy", "roll-back", "fix-forward", "config", "flag", "restart", "migrate"] as const;
export type ChangeAction = (typeof changeActions)[number];

export const invokers = ["person", "automation"] as const;
export type Invoker = (typeof invokers)[number];

/** Actions that move a target forward; a freeze stops these unless it names others (semantics §3.8). */
export const forwardActions: readonly ChangeAction[] = ["deploy", "fix-forward", "config", "flag", "migrate"];

/** True when every field that the scope names matches the subject. */
export function matchesScope(scope: Scope, subject: ScopeSubject): boolean {
  return (
    matchesAny(scope.environments, [subject.environment]) &&
    matchesAny(scope.services, [subject.service]) &&
    matchesAny(scope.teams, [subject.team]) &&
    matchesAny(scope.units, [subject.unit]) &&
    matchesAny(scope.tags, subject.tags) &&
    matchesAny(scope.dataClasses, subject.dataClasses) &&
    matchesAny(scope.regions, subject.region === null ? [] : [subject.region]) &&
    matchesAny(scope.classes, [subject.class]) &&
    matchesAny(scope.actions, [subject.action]) &&
    matchesAny(scope.invokers, [subject.invoker]) &&
    (scope.tiers === undefined || scope.tiers.includes(subject.tier))
  );
}

function matchesAny(globs: readonly string[] | undefined, values: readonly string[]): boolean {
  return globs === undefined || values.some((value) => globs.some((glob) => matchesGlob(glob, value)));
}

/**
 * Iterative matching with one backtracking point: linear in practice and never exponential, whatever the
 * pattern (a glob is written by people who may be hostile, so no regular expression is built from it).
 */
export function matchesGlob(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (g < glob.length && (glob[g] === "?" || glob[g] === text[t]) && glob[g] !== "*") {
      g++;
      t++;
    } else if (g < glob.length && glob[g] === "*") {
      star = g++;
      resume = t;
    } else if (star >= 0) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.length && glob[g] === "*") g++;
  return g === glob.length;
}
