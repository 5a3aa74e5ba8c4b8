import type { Slot } from "#core/calendar/advice/advise.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Facts } from "#core/policy/facts.ts";
import { scoreStart } from "#core/policy/slot-advice.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Judging } from "#usecases/calendar/advise-slots.ts";
import type { Negotiation, SlotPosition, TalkRefusal } from "#usecases/calendar/advice-types.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { DeploymentRecord, Records, Transact } from "#usecases/records.ts";

export interface NegotiateDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judging: Judging;
  readonly newSlotId: () => string;
}

/** Positions one deployment may have; beyond it people should talk. */
export const maxPositions = 200;

/** Somebody names another slot and says why; it is scored by the function that gives the advice. */
export function makeProposeSlot(deps: NegotiateDeps): Operations["proposeSlot"] {
  return ({ id, from, reason }, call) =>
    deps.transact(async (records) => {
      const talk = await openTalk(deps, records, id);
      if (!talk.ok) return talk;
      const { facts, planned } = talk.value;
      const scored = scoreStart(facts, from, deps.judging);
      if (!scored.isOpen) return err({ code: "slot-not-open", obstacles: scored.obstacles });
      const before = scoreStart(facts, planned.from, deps.judging);
      const slotId = deps.newSlotId();
      const position = {
        ...positionOf(scored.slot, slotId, id),
        kind: "proposed" as const,
        proposal: slotId,
        person: call.actor.person,
        at: facts.at,
        reason,
        delta: before.isOpen ? scored.slot.score - before.slot.score : null,
      };
      await take(records, position, call);
      return ok(await negotiationOf(deps, records, id, facts));
    });
}

/** The other side agrees: the slot becomes the planned span of the booking, and the run does not start before it. */
export function makeAcceptSlot(deps: NegotiateDeps): Operations["acceptSlot"] {
  return ({ id, proposal, reason }, call) =>
    deps.transact(async (records) => {
      const talk = await openTalk(deps, records, id);
      if (!talk.ok) return talk;
      const { facts, deployment, positions } = talk.value;
      const proposed = positions.find((position) => position.id === proposal && position.kind === "proposed");
      if (proposed === undefined) return err({ code: "no-such-slot" });
      if (isWithdrawn(positions, proposal)) return err({ code: "slot-withdrawn" });
      if (proposed.person === call.actor.person) return err({ code: "own-proposal" });
      const scored = scoreStart(facts, proposed.from, deps.judging);
      if (!scored.isOpen) return err({ code: "slot-not-open", obstacles: scored.obstacles });
      const accepted = {
        ...positionOf(scored.slot, deps.newSlotId(), id),
        kind: "accepted" as const,
        proposal,
        person: call.actor.person,
        at: facts.at,
        reason,
        delta: scored.slot.score - proposed.score,
      };
      await take(records, accepted, call);
      await records.deployments.replan(deployment.booking, { from: scored.slot.from, to: scored.slot.to });
      await records.deployments.wake(deployment.subject.environment, facts.at);
      return ok(await negotiationOf(deps, records, id, null));
    });
}

/** Takes a proposal back, or an agreement that rests on it: the positions stay on record. */
export function makeWithdrawSlot(deps: NegotiateDeps): Operations["withdrawSlot"] {
  return ({ id, proposal, reason }, call) =>
    deps.transact(async (records) => {
      const talk = await openTalk(deps, records, id);
      if (!talk.ok) return talk;
      const { facts, deployment, positions } = talk.value;
      const proposed = positions.find((position) => position.id === proposal && position.kind === "proposed");
      if (proposed === undefined) return err({ code: "no-such-slot" });
      if (isWithdrawn(positions, proposal)) return err({ code: "slot-withdrawn" });
      const parties = positions.filter((position) => position.proposal === proposal).map(({ person }) => person);
      if (!parties.includes(call.actor.person)) return err({ code: "not-your-slot" });
      const { from, to, score, reasons } = proposed;
      const slotId = deps.newSlotId();
      const { person } = call.actor;
      const at = facts.at;
      const withdrawn = {
        id: slotId,
        deployment: id,
        kind: "withdrawn",
        proposal,
        person,
        at,
        reason,
        delta: null,
      } as const;
      await take(records, { ...withdrawn, from, to, score, reasons }, call);
      await records.deployments.wake(deployment.subject.environment, at);
      return ok(await negotiationOf(deps, records, id, null));
    });
}

export function makeReadSlots(deps: NegotiateDeps): Operations["readSlots"] {
  return ({ id }) =>
    deps.transact(async (records) => {
      const deployment = await records.deployments.find(id);
      return deployment === null ? err("no-such-deployment") : ok(await negotiationOf(deps, records, id, null));
    });
}

interface Talk {
  readonly deployment: DeploymentRecord;
  readonly facts: Facts;
  readonly planned: Negotiation["planned"];
  readonly positions: readonly SlotPosition[];
}

/** Slots are negotiated while the work waits: what is queued or runs has its slot. */
async function openTalk(deps: NegotiateDeps, records: Records, id: DeploymentId): Promise<Result<Talk, TalkRefusal>> {
  const deployment = await records.deployments.findForUpdate(id);
  const planned = await records.negotiations.planned(id);
  if (deployment === null || planned === null) return err({ code: "no-such-deployment" });
  if (deployment.endedAt !== null) return err({ code: "already-ended" });
  if (deployment.state !== "waiting") return err({ code: "already-started" });
  const positions = await records.negotiations.positions(id);
  if (positions.length >= maxPositions) return err({ code: "too-many-positions" });
  return ok({ deployment, planned, positions, facts: await factsOf(deps, records, deployment) });
}

function factsOf(deps: NegotiateDeps, records: Records, deployment: DeploymentRecord): Promise<Facts> {
  const at = deps.now();
  return records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
}

function isWithdrawn(positions: readonly SlotPosition[], proposal: string): boolean {
  return positions.some((position) => position.kind === "withdrawn" && position.proposal === proposal);
}

function positionOf(
  { from, to, score, reasons }: Slot,
  id: string,
  deployment: DeploymentId,
): Pick<SlotPosition, "id" | "deployment" | "from" | "to" | "score" | "reasons"> {
  return { id, deployment, from, to, score, reasons };
}

async function take(records: Records, position: SlotPosition, call: Call): Promise<void> {
  await records.negotiations.append(position);
  const { deployment, kind, proposal, at, reason, from, to, score, delta } = position;
  await records.timeline.append({
    deployment,
    at,
    step: "wait",
    name: `slot ${position.id}`,
    phase: "info",
    sentence: `${position.person} ${verbs[kind]} the slot from ${from.toString()}${reason === null ? "" : `: ${reason}`}`,
    detail: { proposal, score, delta },
  });
  await records.audit.append({
    at,
    actor: call.actor,
    action: `slot.${kind === "proposed" ? "propose" : kind === "accepted" ? "accept" : "withdraw"}`,
    object: deployment,
    outcome: kind,
    reason,
    verdict: null,
    requestId: call.requestId,
    before: null,
    after: { proposal, from: from.toString(), to: to.toString(), score, delta },
  });
}

const verbs = { proposed: "proposes", accepted: "accepts", withdrawn: "withdraws" } as const;

async function negotiationOf(
  deps: NegotiateDeps,
  records: Records,
  id: DeploymentId,
  known: Facts | null,
): Promise<Negotiation> {
  const deployment = await records.deployments.find(id);
  const planned = await records.negotiations.planned(id);
  if (deployment === null || planned === null) throw new Error(`the deployment ${id} is gone`);
  const facts = known ?? (await factsOf(deps, records, deployment));
  const scored = scoreStart(facts, planned.from, deps.judging);
  return {
    deployment: id,
    planned,
    plannedSlot: scored.isOpen ? scored.slot : null,
    agreed: facts.agreedSlot,
    positions: await records.negotiations.positions(id),
  };
}
