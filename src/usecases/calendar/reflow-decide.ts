import { isLegal } from "#core/calendar/business/reflow.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import type { Reflow, ReflowItem } from "#usecases/calendar/import-types.ts";
import type { Call } from "#usecases/operations.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface DecideReflowDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judge: Judge;
  readonly newSlotId: () => string;
}

export interface ReflowDecision {
  readonly id: string;
  readonly decision: "accept" | "decline";
  /** Positions; null: every item that is open. */
  readonly items: readonly number[] | null;
}

export interface DecidedItem {
  readonly position: number;
  readonly outcome: "accepted" | "declined" | "not-open" | "no-slot" | "no-longer-legal" | "has-begun";
}

export type DecideReflow = (
  input: ReflowDecision,
  call: Call,
) => Promise<Result<readonly DecidedItem[], "no-such-reflow" | "no-such-item">>;

/**
 * A person's word on a batch. An accepted item becomes the agreed slot of its booking, judged again first: what was
 * legal when it was proposed may not be any more. Items that cannot be carried out are named and stay as they are.
 */
export function makeDecideReflow(deps: DecideReflowDeps): DecideReflow {
  return (input, call) =>
    deps.transact(async (records) => {
      const reflow = await records.business.findReflow(input.id);
      if (reflow === null) return err("no-such-reflow");
      const asked = input.items;
      const positions = new Set(reflow.items.map(({ position }) => position));
      if (asked !== null && asked.some((position) => !positions.has(position))) return err("no-such-item");
      const decided: DecidedItem[] = [];
      for (const item of reflow.items) {
        if (asked === null ? item.state !== "open" : !asked.includes(item.position)) continue;
        const outcome = await decideItem(deps, records, { reflow, item, decision: input.decision }, call);
        decided.push({ position: item.position, outcome });
      }
      await appendEntry(deps, records, input, decided, call);
      return ok(decided);
    });
}

interface Asked {
  readonly reflow: Reflow;
  readonly item: ReflowItem;
  readonly decision: ReflowDecision["decision"];
}

async function decideItem(
  deps: DecideReflowDeps,
  records: Records,
  { reflow, item, decision }: Asked,
  call: Call,
): Promise<DecidedItem["outcome"]> {
  if (item.state !== "open") return "not-open";
  const at = deps.now();
  const by = call.actor.person;
  if (decision === "decline") {
    await records.business.decideItem(reflow.id, item.position, { state: "declined", by, at });
    return "declined";
  }
  if (item.newSlot === null) return "no-slot";
  const deployment = await records.deployments.findForUpdate(item.deployment);
  if (deployment === null || (deployment.state !== "waiting" && deployment.state !== "queued")) return "has-begun";
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: deployment.id }, at, horizonOf(at));
  const verdict = deps.judge({ ...facts, agreedSlot: null });
  if (isBefore(item.newSlot.from, at) || !isLegal(verdict, item.newSlot)) return "no-longer-legal";
  await agreeOn(deps, records, { reflow, item, decision }, call);
  await records.deployments.replan(deployment.booking, item.newSlot);
  // Queued work is judged at its start: there the agreed slot sends it back to wait.
  if (deployment.state === "waiting") await records.deployments.note(deployment.id, { nextCheckAt: at });
  await records.business.decideItem(reflow.id, item.position, { state: "accepted", by, at });
  return "accepted";
}

/** The batch proposes in the name of the calendar, and the person accepts. */
async function agreeOn(
  { now, newSlotId }: DecideReflowDeps,
  records: Records,
  { reflow, item }: Asked,
  call: Call,
): Promise<void> {
  if (item.newSlot === null) return;
  const proposal = newSlotId();
  const position = {
    deployment: item.deployment,
    proposal,
    at: now(),
    from: item.newSlot.from,
    to: item.newSlot.to,
    score: 0,
    reasons: [],
    delta: null,
  };
  const proposed = { ...position, id: proposal, kind: "proposed", person: `calendar/${reflow.calendar}` } as const;
  await records.negotiations.append({ ...proposed, reason: item.sentence });
  const accepted = { ...position, id: newSlotId(), kind: "accepted", person: call.actor.person } as const;
  await records.negotiations.append({ ...accepted, reason: `item ${item.position} of ${reflow.id}` });
}

async function appendEntry(
  { now }: DecideReflowDeps,
  records: Records,
  { id, decision }: ReflowDecision,
  decided: readonly DecidedItem[],
  call: Call,
): Promise<void> {
  await records.audit.append({
    at: now(),
    actor: call.actor,
    action: `reflow.${decision}`,
    object: id,
    outcome: "decided",
    reason: null,
    verdict: null,
    requestId: call.requestId,
    before: null,
    after: { items: decided.map(({ position, outcome }) => `${position} ${outcome}`) },
  });
}
