import type { EmergencyApproval, EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Override } from "#core/exemption/exemption.ts";
import type {
  Announcement,
  DebtDraft,
  DeviationUse,
  EmergencyDraft,
  ExemptionDraft,
  OverrideDraft,
  RegisteredDebt,
  RegisteredExemption,
  Revocation,
} from "#core/exemption/register.ts";
import type { Span } from "#core/span.ts";

/** What is granted against rules, and what emergencies may and owe, in one transaction. */
export interface ExemptionRecords {
  readonly exemptions: {
    /** Answers the id that it got. */
    readonly insert: (draft: ExemptionDraft) => Promise<string>;
    /** Locks it for this transaction. */
    readonly find: (id: string) => Promise<RegisteredExemption | null>;
    /** The one that follows upon it. */
    readonly renewalOf: (id: string) => Promise<string | null>;
    /** Those of the rule that somebody has approved, revoked ones among them, the last to end first. */
    readonly approvedOf: (rule: string) => Promise<readonly RegisteredExemption[]>;
    /** False when the person had approved it before. */
    readonly approve: (id: string, person: string, at: Temporal.Instant) => Promise<boolean>;
    readonly revoke: (id: string, revocation: Revocation) => Promise<void>;
    /** Those that have not ended, approved or not. */
    readonly count: (at: Temporal.Instant) => Promise<number>;
    readonly override: (draft: OverrideDraft) => Promise<Override>;
    readonly use: (uses: readonly DeviationUse[]) => Promise<void>;
  };
  readonly emergencies: {
    /** Answers the id that it got. */
    readonly insert: (draft: EmergencyDraft) => Promise<string>;
    /** Locks it for this transaction. */
    readonly find: (id: string) => Promise<EmergencyTicket | null>;
    /** False when the person had approved it before. */
    readonly approve: (id: string, approval: EmergencyApproval) => Promise<boolean>;
    /** Its permission begins; one that has begun keeps its hours. */
    readonly permit: (id: string, span: Span) => Promise<void>;
    /** Persons who asked for the deployments that the ticket is about. */
    readonly requesters: (ticket: EmergencyTicket) => Promise<readonly string[]>;
    /** The ids of the debts that are new: of each kind an emergency has one. */
    readonly owe: (debts: readonly DebtDraft[]) => Promise<readonly string[]>;
    /** Locks it for this transaction. */
    readonly findDebt: (id: string) => Promise<RegisteredDebt | null>;
    readonly pay: (
      id: string,
      paid: { readonly at: Temporal.Instant; readonly by: string; readonly evidence: string },
    ) => Promise<void>;
    readonly announce: (told: readonly Announcement[]) => Promise<number>;
  };
}
