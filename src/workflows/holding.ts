import { passedPoint } from "#core/rollback/plan.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import type { Records } from "#usecases/records.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { HeldDecision } from "#usecases/rollout/decide-held.ts";
import { beginHold, endHold, onItsWay, type HeldAt } from "#usecases/rollout/hold.ts";
import type { Breach } from "#workflows/ending.ts";
import type { Flow } from "#workflows/flow.ts";

/**
 * Not enough evidence is neither health nor harm: the run holds its position and asks a person, who may go on or go
 * back; without an answer it goes back, as long as there is a way back.
 */
export function hold(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  { percent }: Pick<Stage, "percent">,
  { sentence }: { readonly sentence: string },
): Promise<Breach | null> {
  const noReturn = passedPoint(change.noReturn ?? null, percent);
  return ask(deps, flow, change, { stage: { percent }, name: `hold at ${percent} %`, sentence, noReturn });
}

/** Where no share is being watched, and a person is to look at something all the same. */
export function holdAt(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  percent: 0 | 100,
  sentence: string,
): Promise<Breach | null> {
  const noReturn = passedPoint(change.noReturn ?? null, percent);
  const name = `hold at ${percent} %`;
  // The last stage may have held there before: on the timeline these are two.
  const line = percent === 100 ? `${name} when live` : name;
  return ask(deps, flow, change, { stage: { percent }, name, line, sentence, noReturn });
}

/**
 * A breach takes the run back at once, unless it has passed the point of no return of its plan: then it holds its
 * position, and whoever decides by the plan says whether it goes forward or back all the same. Null: it goes on. An
 * abort has been decided by name already.
 */
export async function answerBreach(
  deps: RolloutDeps,
  flow: Flow<Records>,
  change: Change,
  breach: Breach,
  at: { readonly reached: number; readonly when: string },
): Promise<Breach | null> {
  const noReturn = passedPoint(change.noReturn ?? null, at.reached);
  if (noReturn === null || breach.because === "abort" || breach.isDecided === true) return breach;
  const name = `past the point of no return ${at.when}`;
  return await ask(deps, flow, change, { stage: { percent: at.reached }, name, sentence: breach.why, noReturn });
}

/** A word that was said before the deadline is there long before this is over. */
const lateWord = { minutes: 1 } as const;

async function ask(deps: RolloutDeps, flow: Flow<Records>, change: Change, held: HeldAt): Promise<Breach | null> {
  const { stage, name, sentence } = held;
  const until = Temporal.Instant.from(await flow.tx(name, (records) => beginHold(deps, records, change, held)));
  const renamed = name.replace(/^hold/, "decided");
  const decided = renamed === name ? `${name}, decided` : renamed;
  const settle = (step: string, decision: HeldDecision | null) =>
    flow.tx(step, (records) => endHold(deps, records, change, held, decision));
  let decision = await flow.wait<HeldDecision>("decision", until);
  let settled = await settle(decided, decision);
  if (settled === onItsWay) {
    decision = await flow.wait<HeldDecision>("decision", until.add(lateWord));
    settled = await settle(`${decided} at the last moment`, decision);
  }
  // Runs of the version before put nothing on record here: then the answer itself counts.
  const counts = settled === onItsWay ? null : (settled ?? decision);
  if (counts?.decision === "go-on") return null;
  const who = decision === null ? "nobody decided in time" : `${decision.person} decided to go back`;
  const why = `${sentence} It held its position at ${stage.percent} %; ${who}.`;
  return { because: decision === null ? "worse" : "abort", why, isDecided: true };
}
