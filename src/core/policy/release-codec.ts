import type { Reservation } from "#core/plan/reservation.ts";
import { duration, instant, list, nullable, number, object, oneOf, orElse, text } from "#core/policy/decode.ts";
import { decisionOptions } from "#core/rollback/decision.ts";
import type { PointOfNoReturn, RollbackLimit, RollbackPlan } from "#core/rollback/plan.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { Sequence, SequencedRelease, Setback } from "#core/release/sequence.ts";
import {
  signalStatuses,
  type Deployed,
  type ExpectedDuration,
  type PlannedBooking,
  type Signal,
} from "#core/release/state.ts";

const names = list(text);

export const sequence = object<Sequence>({
  name: text,
  owner: text,
  environments: names,
  releases: list(
    object<SequencedRelease>({ name: text, service: text, versions: nullable(text), after: names, soak: duration }),
  ),
});

export const setback = object<Setback>({ service: text, version: text, environment: text, at: instant });

export const artifact = object<Artifact>({
  service: text,
  version: text,
  digest: text,
  registeredAt: nullable(instant),
  author: nullable(text),
  registeredBy: orElse(undefined, text),
});

export const deployed = object<Deployed>({
  service: text,
  version: text,
  environment: text,
  since: instant,
  stabilisingUntil: orElse(undefined, instant),
});

export const booking = object<PlannedBooking>({
  id: nullable(text),
  service: text,
  version: text,
  environment: text,
  from: instant,
  to: instant,
});

export const expectedDuration = object<ExpectedDuration>({
  service: text,
  environment: text,
  p95: duration,
  rollbackP95: duration,
});

export const signal = object<Signal>({
  service: text,
  environment: nullable(text),
  status: oneOf(signalStatuses),
  since: instant,
  clearedFrom: orElse(null, nullable(oneOf(["degraded", "outage", "unknown"]))),
  event: orElse(null, nullable(text)),
});

export const reservation = object<Reservation>({
  id: text,
  place: text,
  team: text,
  by: text,
  reason: text,
  from: instant,
  to: instant,
  seats: list(number),
  notBefore: nullable(instant),
});

export const rollbackPlan = object<RollbackPlan>({
  service: text,
  document: text,
  triggers: names,
  steps: names,
  expected: nullable(duration),
  pointOfNoReturn: nullable(
    object<PointOfNoReturn>({ percent: number, why: text, whenSilent: orElse(undefined, oneOf(decisionOptions)) }),
  ),
  limits: list(object<RollbackLimit>({ service: nullable(text), cannot: text, remedy: text })),
});
