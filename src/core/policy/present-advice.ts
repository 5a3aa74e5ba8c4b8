import type { Slot } from "#core/calendar/advice/advise.ts";
import { findingToJson, type FindingJson } from "#core/policy/present.ts";
import type { SlotAdvice } from "#core/policy/slot-advice.ts";

/** Advice as it is sent and shown; instants are UTC with `Z`. */
export interface SlotAdviceJson extends Omit<SlotAdvice, "slots" | "obstacles"> {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly at: string;
  readonly zone: string;
  readonly slots: readonly SlotJson[];
  readonly obstacles: readonly FindingJson[];
}

export interface SlotJson extends Omit<Slot, "from" | "to"> {
  readonly from: string;
  readonly to: string;
}

export function slotToJson({ from, to, score, reasons }: Slot): SlotJson {
  return { from: from.toString(), to: to.toString(), score, reasons };
}

export interface AdviceHeading {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly zone: string;
}

export function adviceToJson(heading: AdviceHeading, advice: SlotAdvice): SlotAdviceJson {
  const { service, version, environment, at, zone } = heading;
  return {
    service,
    version,
    environment,
    at: at.toString(),
    zone,
    risk: advice.risk,
    neededMs: advice.neededMs,
    isLengthKnown: advice.isLengthKnown,
    slots: advice.slots.map(slotToJson),
    obstacles: advice.obstacles.map(findingToJson),
    blockers: advice.blockers,
  };
}
