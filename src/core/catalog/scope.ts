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

/** Going back to what was live before is a matter of those consents and windows alone that name the actions they are about. */
export function bindsAction({ actions }: Scope, action: ChangeAction): boolean {
  return action !== "roll-back" || actions !== undefined;
}

/** True when every field that the scope names matches the subject. */
export function matchesScope(scope: Scope, subject: ScopeSubject): boolean {
  return (
    matchesOne(scope.environments, subject.environment) &&
    matchesOne(scope.services, subject.service) &&
    matchesOne(scope.teams, subject.team) &&
    matchesOne(scope.units, subject.unit) &&
    matchesOne(scope.regions, subject.region) &&
    matchesOne(scope.classes, subject.class) &&
    matchesOne(scope.actions, subject.action) &&
    matchesOne(scope.invokers, subject.invoker) &&
    matchesSome(scope.tags, subject.tags) &&
    matchesSome(scope.dataClasses, subject.dataClasses) &&
    (scope.tiers === undefined || scope.tiers.includes(subject.tier))
  );
}

// Two functions instead of one over lists: this runs for every window and freeze of every verdict, and a list of one
// for each field was a third of its time.
function matchesOne(globs: readonly string[] | undefined, value: string | null): boolean {
  if (globs === undefined) return true;
  if (value === null) return false;
  for (const glob of globs) if (matchesGlob(glob, value)) return true;
  return false;
}

function matchesSome(globs: readonly string[] | undefined, values: readonly string[]): boolean {
  return globs === undefined || values.some((value) => matchesOne(globs, value));
}

/**
 * Iterative matching with one backtracking point: linear in practice and never exponential, whatever the
 * pattern (a glob is written by people who may be hostile, so no regular expression is built from it).
 */
export function matchesGlob(glob: string, text: string): boolean {
  if (glob === text) return true;
  let g = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const wanted = g < glob.length ? glob.charCodeAt(g) : none;
    if (wanted !== anyRun && (wanted === anyOne || wanted === text.charCodeAt(t))) {
      g++;
      t++;
    } else if (wanted === anyRun) {
      star = g++;
      resume = t;
    } else if (star >= 0) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.length && glob.charCodeAt(g) === anyRun) g++;
  return g === glob.length;
}

// By numbers: a text of one character for each comparison is made and thrown away otherwise.
const anyRun = 0x2a;
const anyOne = 0x3f;
const none = -1;
