import { sayDuration } from "#core/policy/say.ts";

/** A number of seconds for a person: `2 h 30 min`. */
export function saySeconds(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : sayDuration(Temporal.Duration.from({ seconds }));
}
