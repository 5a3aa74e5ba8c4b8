import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { hold as wireHold, stop as wireStop } from "#contract/hold.ts";
import type { EndedEarly, HoldState, StopState } from "#usecases/release/intake-types.ts";

export function presentHold({ hold, ended }: HoldState, now: Temporal.Instant): DeepReadonly<z.input<typeof wireHold>> {
  const { since, until, ...rest } = hold;
  return { ...rest, since: since.toString(), until: textOf(until), ...endOf(until, ended, now) };
}

export function presentStop({ stop, ended }: StopState, now: Temporal.Instant): DeepReadonly<z.input<typeof wireStop>> {
  const { since, until, ...rest } = stop;
  return { ...rest, since: since.toString(), until: textOf(until), ...endOf(until, ended, now) };
}

function endOf(until: Temporal.Instant | null, ended: EndedEarly | null, now: Temporal.Instant) {
  const isOver = until !== null && Temporal.Instant.compare(until, now) <= 0;
  return { inForce: ended === null && !isOver, ended: ended === null ? null : { ...ended, at: ended.at.toString() } };
}

function textOf(instant: Temporal.Instant | null): string | null {
  return instant === null ? null : instant.toString();
}
