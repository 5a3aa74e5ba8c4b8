import { demandsNothing, type Policy, type PolicySettings } from "#core/policy/policy.ts";
import type { EvidenceRecord, Ticket, Verification } from "#core/release/reports.ts";
import type { Signal } from "#core/release/state.ts";

/** The digest of the artifact of `someFacts`. */
export const someDigest = `sha256:${"a".repeat(64)}`;

/** A central policy for everything, of the team `platform`, in force for ever. */
export function aPolicy(settings: Partial<PolicySettings>, overrides: Partial<Omit<Policy, "settings">> = {}): Policy {
  return {
    name: "base",
    scope: {},
    level: "central",
    owner: "platform",
    from: null,
    until: null,
    version: "sha256:1",
    settings: { ...demandsNothing, ...settings },
    bounds: [],
    ...overrides,
  };
}

export function anEvidence(kind: string, overrides: Partial<EvidenceRecord> = {}): EvidenceRecord {
  return {
    digest: someDigest,
    kind,
    outcome: "pass",
    value: null,
    ruleSet: null,
    source: "ci",
    at: Temporal.Instant.from("2026-03-24T08:00Z"),
    ref: null,
    ...overrides,
  };
}

export function aVerification(overrides: Partial<Verification> = {}): Verification {
  return {
    digest: someDigest,
    outcome: "verified",
    key: "key-1",
    source: "cosign",
    at: Temporal.Instant.from("2026-03-24T08:00Z"),
    ...overrides,
  };
}

export function aTicket(overrides: Partial<Ticket> = {}): Ticket {
  return {
    key: "CHG-1",
    services: ["cart"],
    environments: ["prod-emea"],
    state: "approved",
    from: null,
    to: null,
    source: "itsm",
    at: Temporal.Instant.from("2026-03-24T08:00Z"),
    ...overrides,
  };
}

export function aSignal(service: string, overrides: Partial<Signal> = {}): Signal {
  return {
    service,
    environment: "prod-emea",
    status: "degraded",
    since: Temporal.Instant.from("2026-03-25T07:00Z"),
    clearedFrom: null,
    event: null,
    ...overrides,
  };
}

export function hours(count: number): Temporal.Duration {
  return Temporal.Duration.from({ hours: count });
}
