import type { LocalRule } from "#core/calendar/local-rule.ts";
import type { Scope } from "#core/catalog/scope.ts";

/** When something may happen. Windows that match are alternatives (union). */
export interface Window {
  readonly name: string;
  readonly scope: Scope;
  readonly rule: LocalRule;
  /** What happens to a run when the window closes under it. Default `finish`. */
  readonly onClose: "finish" | "pause" | "roll-back";
}
