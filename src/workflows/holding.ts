import type { Stage } from "#core/rollout/strategy.ts";
import type { Records } from "#usecases/records.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { HeldDecision } from "#usecases/rollout/decide-held.ts";
import { beginHold, endHold } from "#usecases/rollout/hold.ts";
import type { Breach } from "#workflows/ending.ts";
import type { Flow } from "#workflows/flow.ts";

/**
 * Not enough evidence is neither health nor harm: the run holds its position and asks a person, who may go on or go
 * back; without an answer it goes back.
 */
export async function hold(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  stage: Stage,
  seen: { readonly sentence: string },
): Promise<Breach | null> {
  const until = await flow.tx(`hold at ${stage.percent} %`, (records) => beginHold(deps, records, change, stage, seen));
  const decision = await flow.wait<HeldDecision>("decision", Temporal.Instant.from(until));
  const name = `decided at ${stage.percent} %`;
  const settled = await flow.tx(name, (records) => endHold(deps, records, change, stage, decision));
  // Runs of the version before put nothing on record here: then the answer itself counts.
  if ((settled ?? decision)?.decision === "go-on") return null;
  const who = decision === null ? "nobody decided in time" : `${decision.person} decided to go back`;
  const why = `${seen.sentence} It held its position at ${stage.percent} %; ${who}.`;
  return { because: decision === null ? "worse" : "abort", why };
}

/** Where no share is being watched, and a person is to look at something all the same. */
export function holdAt(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  percent: 0 | 100,
  sentence: string,
): Promise<Breach | null> {
  return hold(deps, flow, change, { percent, minSeconds: 0, maxSeconds: 0, minRequests: 0 }, { sentence });
}
