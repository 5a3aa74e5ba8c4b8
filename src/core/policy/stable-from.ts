import { isAfter } from "#core/policy/moments.ts";
import { after } from "#core/policy/say.ts";
import type { Deployed } from "#core/release/state.ts";

/**
 * The instant from which a live version counts as stable: when what is demanded has passed since it went live, and not
 * before the end of a stabilisation that was prolonged because not everything was green. Whoever waits for a version to be
 * stable, its neighbours, itself or what follows it in a sequence, asks here.
 */
export function stableFrom(
  { since, stabilisingUntil }: Pick<Deployed, "since" | "stabilisingUntil">,
  demanded: Temporal.Duration,
): Temporal.Instant {
  const passed = after(since, demanded);
  return stabilisingUntil !== undefined && isAfter(stabilisingUntil, passed) ? stabilisingUntil : passed;
}
