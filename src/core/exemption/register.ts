import type { Debt, EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";

/** An exemption with its whole history, as the register keeps it. */
export interface RegisteredExemption {
  /** `approvedBy` holds whoever has approved so far; without any it serves nobody yet. */
  readonly exemption: Exemption;
  readonly type: string;
  /** The one that it follows upon, and how many come before it. */
  readonly renews: string | null;
  readonly renewal: number;
  readonly requestedAt: Temporal.Instant;
  readonly approvals: readonly { readonly person: string; readonly at: Temporal.Instant }[];
  readonly revoked: Revocation | null;
  readonly uses: number;
}

export interface Revocation {
  readonly at: Temporal.Instant;
  readonly by: string;
  readonly reason: string;
}

export type ExemptionDraft = Omit<Exemption, "id" | "approvedBy" | "revokedAt"> &
  Pick<RegisteredExemption, "type" | "renews" | "renewal" | "requestedAt">;

/** A start that an exemption or an override let through. */
export interface DeviationUse {
  /** `EX-12` or `OV-3`. */
  readonly deviation: string;
  readonly kind: "exemption" | "override";
  readonly rule: string;
  readonly deployment: string;
  readonly verdict: string;
  readonly gate: string;
  /** Who asked for the deployment. */
  readonly person: string | null;
  readonly at: Temporal.Instant;
}

/** The work that a use was about. */
export interface RegisteredUse extends DeviationUse {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}

export type OverrideDraft = Omit<Override, "id">;

export type EmergencyDraft = Omit<EmergencyTicket, "id" | "approvedBy" | "until">;

export interface RegisteredDebt extends Debt {
  readonly since: Temporal.Instant;
  readonly paidBy: string | null;
  /** Where what was owed can be seen: the minutes, the commit, the run. */
  readonly evidence: string | null;
}

export type DebtDraft = Omit<RegisteredDebt, "id" | "paidAt" | "paidBy" | "evidence">;

/** What a person was told who feels something without having asked for it. */
export interface Announcement {
  readonly person: string;
  /** `EM-7`. */
  readonly object: string;
  readonly sentence: string;
  readonly at: Temporal.Instant;
}
