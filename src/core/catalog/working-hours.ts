import type { LocalRule } from "#core/calendar/local-rule.ts";

/** When a person is awake and at work by their own clock. Only persons of whom this is stated have one. */
export interface WorkingHours {
  readonly person: string;
  readonly zone: string;
  /** Weekly; any of them is enough. Never empty. */
  readonly rules: readonly LocalRule[];
}
