import type { Upstream } from "#core/catalog/graph.ts";
import type { RecoveryLimits } from "#core/catalog/recovery.ts";
import type { Scope } from "#core/catalog/scope.ts";
import { type Debt, debtKinds, type EmergencyApproval, type EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import {
  type Decoder,
  duration,
  flag,
  instant,
  list,
  nullable,
  number,
  object,
  oneOf,
  orElse,
  text,
} from "#core/policy/decode.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type {
  BookedRisk,
  ErrorBudget,
  EvidenceRecord,
  PassedStage,
  RecoveryReport,
  ResourceUse,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";
import type { HeldLock } from "#core/release/state.ts";

const names = list(text);

export const upstream = object<Upstream>({ service: text, tier: nullable(number), path: names });

export const heldLock = object<HeldLock>({
  key: text,
  holder: text,
  subject: orElse(undefined, text),
  fence: nullable(number),
  until: nullable(instant),
});

export const stop = object<Stop>({
  id: text,
  reason: text,
  by: text,
  since: instant,
  until: nullable(instant),
  allowsRollBack: flag,
});

export const evidence = object<EvidenceRecord>({
  digest: text,
  kind: text,
  outcome: oneOf(["pass", "fail", "not-enough"]),
  value: nullable(number),
  ruleSet: nullable(text),
  source: text,
  by: orElse(undefined, text),
  at: instant,
  ref: nullable(text),
});

export const verification = object<Verification>({
  digest: text,
  outcome: oneOf(["verified", "digest-mismatch", "unsigned", "untrusted-key", "revoked-key"]),
  key: nullable(text),
  source: text,
  by: orElse(undefined, text),
  at: instant,
});

export const ticket = object<Ticket>({
  key: text,
  services: names,
  environments: names,
  state: text,
  from: nullable(instant),
  to: nullable(instant),
  source: text,
  by: orElse(undefined, text),
  at: instant,
});

export const errorBudget = object<ErrorBudget>({
  service: text,
  environment: nullable(text),
  left: number,
  source: text,
  by: orElse(undefined, text),
  at: instant,
  freshUntil: orElse(undefined, instant),
  silentSince: orElse(undefined, instant),
});

export const riskScore = object<RiskScore>({
  service: text,
  version: text,
  environment: text,
  score: number,
  source: text,
  by: orElse(undefined, text),
  at: instant,
});

export const recovery = object<RecoveryReport>({
  service: text,
  environment: text,
  act: oneOf(["backup", "restore"]),
  outcome: oneOf(["done", "failed", "different"]),
  intervalSeconds: nullable(number),
  savedAt: nullable(instant),
  tookSeconds: nullable(number),
  bytes: nullable(number),
  detail: nullable(text),
  digest: nullable(text),
  source: text,
  by: orElse(undefined, text),
  at: instant,
  ref: nullable(text),
});

export const recoveryLimits = object<RecoveryLimits>({
  lossFor: duration,
  restoredIn: duration,
  provenFor: duration,
  environments: names,
});

export const bookedRisk = object<BookedRisk>({
  booking: text,
  environment: text,
  unit: text,
  region: nullable(text),
  from: instant,
  score: number,
});

export const passedStage = object<PassedStage>({
  environment: text,
  digest: text,
  deployment: text,
  since: instant,
  until: orElse(undefined, instant),
});

export const resourceUse = object<ResourceUse>({
  resource: text,
  booking: text,
  service: text,
  from: instant,
  to: instant,
});

export const override = object<Override>({
  id: text,
  deployment: text,
  rule: text,
  code: text,
  subjects: orElse(undefined, names),
  contentDigest: text,
  by: text,
  right: text,
  reason: text,
  at: instant,
  until: instant,
});

const emergencyApproval = object<EmergencyApproval>({ person: text, at: instant, onDuty: flag });

export const emergencyTicket = object<EmergencyTicket>({
  id: text,
  ticket: text,
  cause: text,
  service: text,
  version: text,
  digest: nullable(text),
  environments: names,
  team: text,
  criteria: orElse([], names),
  impact: nullable(names),
  openedBy: text,
  approvedBy: list(emergencyApproval),
  openedAt: instant,
  until: nullable(instant),
  passesFreezes: names,
});

export const debt = object<Debt>({
  id: text,
  kind: oneOf(debtKinds),
  team: text,
  emergency: text,
  dueAt: instant,
  paidAt: nullable(instant),
});

/** What needs the decoder of a scope, which belongs to the facts. */
export function scopedDecoders(scope: Decoder<Scope>): {
  readonly hold: Decoder<Hold>;
  readonly exemption: Decoder<Exemption>;
} {
  return {
    hold: object<Hold>({
      id: text,
      scope,
      reason: text,
      by: text,
      since: instant,
      until: nullable(instant),
      liftedBy: text,
    }),
    exemption: object<Exemption>({
      id: text,
      rule: text,
      codes: names,
      subjects: names,
      scope,
      justification: text,
      from: instant,
      until: instant,
      requestedBy: text,
      approvedBy: names,
      controls: names,
      revokedAt: nullable(instant),
    }),
  };
}
