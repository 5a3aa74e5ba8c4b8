import { sayInstant } from "#core/policy/say.ts";
import {
  expiresAt,
  type DecisionOption,
  type DecisionProtocol,
  type RollbackDecision,
} from "#core/rollback/decision.ts";
import { silentPast, type PointOfNoReturn } from "#core/rollback/plan.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import { endDecision } from "#usecases/rollback/end-decision.ts";
import { openDecision } from "#usecases/rollback/open-decision.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { HeldDecision } from "#usecases/rollout/decide-held.ts";
import { systemActor, type Records } from "#usecases/records.ts";

/** How long a run without enough evidence holds its position before it goes back by itself. */
const holdFor = { minutes: 30 } as const;

const byItself = { "go-back": "it goes back by itself", "go-on": "it goes on by itself" } as const;

/** Where a run stands, and why it goes neither on nor back by itself. */
export interface HeldAt {
  readonly stage: Pick<Stage, "percent">;
  /** Of its step in the run, a part of the stored format. */
  readonly name: string;
  /** Of its lines on the timeline, where it differs: each hold of a run has its own. */
  readonly line?: string;
  readonly sentence: string;
  /** The point that it has passed; null: it can go back. */
  readonly noReturn: PointOfNoReturn | null;
}

/** Puts the run on hold, for everybody to see; returns the instant at which it goes on or back when nobody decides. */
export async function beginHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  { stage, name, line = name, sentence: seen, noReturn }: HeldAt,
): Promise<string> {
  const at = deps.now();
  const past =
    noReturn === null ? "" : ` It is past the point of no return and does not go back by itself: ${noReturn.why}`;
  const because = `${seen.replace(`At ${stage.percent} % `, "")}${past}`;
  const deployment = { id: change.deployment, subject: change };
  const asked = await openDecision(deps, records, { deployment, cause: "held", because, noReturn });
  const end = asked === null ? at.add(holdFor) : expiresAt(asked);
  const until = end.toString();
  const who = asked === null ? "Somebody" : sayDeciders(asked.protocol);
  const option = asked === null ? silentOption(noReturn) : asked.protocol.whenSilent;
  const sentence = `Holds at ${stage.percent} %: ${because} ${who} may let it go on or take it back; ${byItself[option]} at ${sayInstant(end, null)}.`;
  await records.deployments.note(change.deployment, { held: sentence });
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "wait",
    name: line,
    phase: "started",
    sentence,
    detail: { until, ...(noReturn === null ? {} : { pointOfNoReturn: noReturn.percent }) },
  });
  return until;
}

/** Where no protocol says it: back, as long as there is a way back. */
function silentOption(noReturn: PointOfNoReturn | null): DecisionOption {
  return noReturn === null ? "go-back" : silentPast(noReturn);
}

function sayDeciders({ decider, deputy }: DecisionProtocol): string {
  return deputy === null ? decider : `${decider} or ${deputy}`;
}

/** Somebody has decided at the last moment: their word is on its way to the run, and it is waited for once more. */
export const onItsWay = "on-its-way";

/**
 * Takes it off hold again, with who decided what. Where nobody did in time the protocol of the service says what is done;
 * without one it goes back, which is null.
 */
export async function endHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  { name, line = name, noReturn }: HeldAt,
  decision: HeldDecision | null,
): Promise<HeldDecision | typeof onItsWay | null> {
  const at = deps.now();
  // Whoever decides takes it off hold in the transaction that sends their word.
  const isDecided = (await records.deployments.find(change.deployment))?.held === null;
  if (decision === null && isDecided) return onItsWay;
  const open = await records.rollbackDecisions.openOf(change.deployment);
  if (open !== null) {
    const option = decision?.decision ?? open.protocol.whenSilent;
    // Still open with a word on it: an abort, which asks no protocol.
    const by = decision === null ? null : { ...systemActor, person: decision.person };
    await endDecision(records, open, { at, option, by, reason: null });
  }
  const settled = decision ?? byDefault(open, noReturn);
  const sentence =
    settled === null || decision === null
      ? `Nobody decided in time: it goes ${settled?.decision === "go-on" ? "on" : "back"}.`
      : `${decision.person} decided: ${decision.decision === "go-on" ? "it goes on" : "it goes back"}.`;
  await records.deployments.note(change.deployment, { held: null });
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "wait",
    name: line,
    phase: "done",
    sentence,
    detail: settled,
  });
  return settled;
}

function byDefault(open: RollbackDecision | null, noReturn: PointOfNoReturn | null): HeldDecision | null {
  const option = open === null ? silentOption(noReturn) : open.protocol.whenSilent;
  return option === "go-on" ? { decision: "go-on", person: open?.protocol.decider ?? "nobody" } : null;
}
