import { sayInstant } from "#core/policy/say.ts";
import { expiresAt, type DecisionProtocol, type RollbackDecision } from "#core/rollback/decision.ts";
import type { Stage } from "#core/rollout/strategy.ts";
import { endDecision } from "#usecases/rollback/end-decision.ts";
import { openDecision } from "#usecases/rollback/open-decision.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";
import type { HeldDecision } from "#usecases/rollout/decide-held.ts";
import type { Records } from "#usecases/records.ts";

/** How long a run without enough evidence holds its position before it goes back by itself. */
const holdFor = { minutes: 30 } as const;

const byItself = { "go-back": "it goes back by itself", "go-on": "it goes on by itself" } as const;

/** Puts the run on hold, for everybody to see; returns the instant at which it goes on or back when nobody decides. */
export async function beginHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  stage: Stage,
  seen: { readonly sentence: string },
): Promise<string> {
  const at = deps.now();
  const because = seen.sentence.replace(`At ${stage.percent} % `, "");
  const deployment = { id: change.deployment, subject: change };
  const asked = await openDecision(deps, records, { deployment, cause: "held", because });
  const end = asked === null ? at.add(holdFor) : expiresAt(asked);
  const until = end.toString();
  const who = asked === null ? "Somebody" : sayDeciders(asked.protocol);
  const option = asked === null ? "go-back" : asked.protocol.whenSilent;
  const sentence = `Holds at ${stage.percent} %: ${because} ${who} may let it go on or take it back; ${byItself[option]} at ${sayInstant(end, null)}.`;
  await records.deployments.note(change.deployment, { held: sentence });
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "wait",
    name: `hold at ${stage.percent} %`,
    phase: "started",
    sentence,
    detail: { until },
  });
  return until;
}

function sayDeciders({ decider, deputy }: DecisionProtocol): string {
  return deputy === null ? decider : `${decider} or ${deputy}`;
}

/**
 * Takes it off hold again, with who decided what. Where nobody did in time the protocol of the service says what is done;
 * without one it goes back, which is null.
 */
export async function endHold(
  deps: Pick<RolloutDeps, "now">,
  records: Records,
  change: Change,
  stage: Stage,
  decision: HeldDecision | null,
): Promise<HeldDecision | null> {
  const at = deps.now();
  const open = await records.rollbackDecisions.openOf(change.deployment);
  if (open !== null) {
    const option = decision?.decision ?? open.protocol.whenSilent;
    await endDecision(records, open, { at, option, by: null, reason: null });
  }
  const settled = decision ?? byDefault(open);
  const sentence =
    settled === null || decision === null
      ? `Nobody decided in time: it goes ${settled?.decision === "go-on" ? "on" : "back"}.`
      : `${decision.person} decided: ${decision.decision === "go-on" ? "it goes on" : "it goes back"}.`;
  await records.deployments.note(change.deployment, { held: null });
  await records.timeline.append({
    deployment: change.deployment,
    at,
    step: "wait",
    name: `hold at ${stage.percent} %`,
    phase: "done",
    sentence,
    detail: settled,
  });
  return settled;
}

function byDefault(open: RollbackDecision | null): HeldDecision | null {
  return open?.protocol.whenSilent === "go-on" ? { decision: "go-on", person: open.protocol.decider } : null;
}
