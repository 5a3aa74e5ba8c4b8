import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { Scope } from "#core/catalog/scope.ts";

/** When something may not happen. Precedence: embargo > hard > soft > window (semantics §3.7). */
export interface Freeze {
  readonly name: string;
  /** What people call it, where the name is none for people; absent: its name. */
  readonly title?: string | undefined;
  readonly scope: Scope;
  readonly rule: LocalRule;
  readonly strength: FreezeStrength;
  /** Team or person that can answer for the freeze. */
  readonly owner: string;
  /** For a soft freeze: the approval (route name) with which it passes; null if none does. */
  readonly passesWith: string | null;
  /** What happens to a run when the freeze begins under it. Default `pause`. */
  readonly onBegin: "finish" | "pause" | "roll-back";
  readonly reason: string;
}

export const freezeStrengths = ["soft", "hard", "embargo"] as const;
export type FreezeStrength = (typeof freezeStrengths)[number];
