import type { Scope } from "#core/catalog/scope.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { ExemptionType, Override } from "#core/exemption/exemption.ts";
import type { Announcement, RegisteredDebt, RegisteredExemption, RegisteredUse } from "#core/exemption/register.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Result } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";

/** Exemptions, overrides, emergencies and debts: everything that the API offers about them; bound in `main`. */
export interface ExemptionOperations {
  readonly requestExemption: (
    input: ExemptionRequest,
    call: Call,
  ) => Promise<Result<RegisteredExemption, ExemptionRefusal>>;
  readonly approveExemption: (
    input: { readonly id: string },
    call: Call,
  ) => Promise<
    Result<
      RegisteredExemption,
      "no-such-exemption" | "own-request" | "exemption-over" | "already-approved" | "renewals-used-up"
    >
  >;
  readonly revokeExemption: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<RegisteredExemption, "no-such-exemption" | "exemption-over">>;
  readonly overrideFinding: (input: OverrideRequest, call: Call) => Promise<Result<Override, OverrideRefusal>>;
  readonly openEmergency: (input: EmergencyRequest, call: Call) => Promise<Result<EmergencyState, EmergencyRefusal>>;
  readonly approveEmergency: (
    input: { readonly id: string },
    call: Call,
  ) => Promise<Result<EmergencyState, EmergencyApprovalRefusal>>;
  readonly payDebt: (
    input: { readonly id: string; readonly evidence: string },
    call: Call,
  ) => Promise<Result<RegisteredDebt, DebtRefusal>>;
  readonly listExemptions: (query: ExemptionQuery) => Promise<{
    readonly items: readonly RegisteredExemption[];
    readonly next: string | null;
  }>;
  /** The sorts of exemption that the configuration in force grants, by name. */
  readonly exemptionTypes: () => Promise<readonly ExemptionType[]>;
  readonly exemption: (
    id: string,
  ) => Promise<{ readonly found: RegisteredExemption; readonly uses: readonly RegisteredUse[] } | null>;
  readonly register: () => Promise<Register>;
  readonly listOverrides: (deployment: string | null, limit: number) => Promise<readonly Override[]>;
  readonly emergency: (id: string) => Promise<EmergencyState | null>;
  readonly listEmergencies: (limit: number) => Promise<readonly EmergencyTicket[]>;
  readonly listDebts: (query: DebtQuery) => Promise<readonly RegisteredDebt[]>;
  readonly listAnnouncements: (
    about: { readonly person: string | null; readonly object: string | null },
    limit: number,
  ) => Promise<readonly Announcement[]>;
}

export interface ExemptionRequest {
  readonly type: string;
  /** Within the scope of the type. */
  readonly scope: Scope;
  /** Out of those of the type; none: all of them. */
  readonly subjects: readonly string[];
  /** On top of those of the type. */
  readonly controls: readonly string[];
  readonly justification: string;
  /** null: from now on. */
  readonly from: Temporal.Instant | null;
  readonly until: Temporal.Instant;
  /** The one that it follows upon. */
  readonly renews: string | null;
}

export type ExemptionRefusal =
  | {
      readonly code:
        | "bad-span"
        | "too-many-exemptions"
        | "exempts-nothing"
        | "no-such-exemption"
        | "already-renewed"
        | "other-type"
        | "renewals-used-up";
    }
  /** `known`: the names that would do. */
  | { readonly code: "no-such-exemption-type"; readonly known: readonly string[] }
  | { readonly code: "too-long"; readonly most: Temporal.Duration }
  | { readonly code: "outside-type"; readonly field: string; readonly allowed: readonly string[] }
  | { readonly code: "unverifiable-control"; readonly control: string };

export interface OverrideRequest {
  readonly deployment: DeploymentId;
  readonly rule: string;
  readonly reason: string;
  /** How long it is good for; at most `maxOverride`. */
  readonly lasts: Temporal.Duration | null;
}

export type OverrideRefusal =
  | "no-such-deployment"
  | "already-ended"
  | "no-such-finding"
  | "not-stopping"
  | { readonly code: "not-overridable"; readonly finding: string; readonly overridable: readonly string[] }
  | "own-request"
  | "own-work"
  | "bad-span";

export interface EmergencyRequest {
  readonly ticket: string;
  /** Empty: nothing will be permitted on it. */
  readonly cause: string;
  readonly service: string;
  readonly version: string;
  readonly environments: readonly string[];
  readonly criteria: readonly string[];
  readonly passesFreezes: readonly string[];
}

export type EmergencyRefusal =
  | "no-such-service"
  | { readonly code: "no-such-environment" | "no-such-freeze"; readonly name: string }
  | "no-such-artifact";

export type EmergencyApprovalRefusal =
  | "no-such-emergency"
  | "own-request"
  | "own-work"
  | "not-on-duty"
  | "already-approved"
  | "permission-over"
  | { readonly code: "ticket-incomplete"; readonly gaps: readonly string[] };

/** `own-request` to `not-entitled`: of reviews only. */
export type DebtRefusal = "no-such-debt" | "already-paid" | "own-request" | "own-work" | "not-entitled";

/** A ticket with what it needs, what it owes and whom it was announced to. */
export interface EmergencyState {
  readonly ticket: EmergencyTicket;
  readonly debts: readonly RegisteredDebt[];
  readonly announced: readonly Announcement[];
}

export interface ExemptionQuery {
  /** Only what has not ended at this instant; null: all. */
  readonly openAt: Temporal.Instant | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface DebtQuery {
  readonly team: string | null;
  readonly emergency: string | null;
  readonly show: "open" | "all";
  readonly limit: number;
}

/** The deviation register: what was granted, and every use of it. */
export interface Register {
  readonly exemptions: readonly RegisteredExemption[];
  readonly overrides: readonly Override[];
  readonly uses: readonly RegisteredUse[];
}
