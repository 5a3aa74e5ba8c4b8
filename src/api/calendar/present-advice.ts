import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { negotiation } from "#contract/advice.ts";
import { slotToJson } from "#core/policy/present-advice.ts";
import { sayInstant } from "#core/policy/say.ts";
import type { ClosedSlot, Negotiation } from "#usecases/calendar/advice-types.ts";

export function presentNegotiation(found: Negotiation): DeepReadonly<z.input<typeof negotiation>> {
  const { deployment, planned, plannedSlot, agreed, positions } = found;
  return {
    deployment,
    planned: spanText(planned),
    plannedSlot: plannedSlot === null ? null : slotToJson(plannedSlot),
    agreed: agreed === null ? null : { id: agreed.id, acceptedBy: agreed.acceptedBy, ...spanText(agreed) },
    positions: positions.map(({ id, kind, proposal, person, at, reason, from, to, score, reasons, delta }) => ({
      id,
      kind,
      proposal,
      person,
      at: at.toString(),
      reason,
      ...spanText({ from, to }),
      score,
      reasons,
      delta,
    })),
  };
}

function spanText({ from, to }: { readonly from: Temporal.Instant; readonly to: Temporal.Instant }): {
  from: string;
  to: string;
} {
  return { from: from.toString(), to: to.toString() };
}

/** Why a slot cannot be had, in the words of the findings. */
export function sayClosed({ obstacles }: ClosedSlot, from: Temporal.Instant): string {
  const begin = sayInstant(from, null);
  if (obstacles.length === 0) return `No run of this length fits from ${begin} on. Ask for advice to see what does.`;
  return `At ${begin}: ${obstacles.map(({ sentence }) => sentence).join(" ")} Ask for advice to see what is open.`;
}

export const talkDetails = {
  "no-such-deployment": "There is no such deployment.",
  "already-ended": "The deployment has ended; there is nothing left to negotiate.",
  "already-started": "The deployment does not wait any more, so it has its slot. Abort it to plan anew.",
  "too-many-positions": "This booking has as many positions as are kept. Talk to each other, and request it anew.",
} as const;
