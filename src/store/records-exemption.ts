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
import {
  approveEmergency,
  findDebt,
  findEmergency,
  insertAnnouncements,
  insertDebts,
  insertEmergency,
  payDebt,
  permitEmergency,
  requestersOf,
} from "./emergency.ts";
import {
  approvedOf,
  approveExemption,
  countExemptions,
  findExemption,
  insertExemption,
  insertOverride,
  insertUses,
  renewalOf,
  revokeExemption,
} from "./exemption.ts";
import type { Queryable } from "./sql.ts";

/** What is granted against rules, and what emergencies may and owe, in the transaction of `client`. */
export interface ExemptionRecords {
  readonly exemptions: {
    readonly insert: (draft: ExemptionDraft) => Promise<string>;
    readonly find: (id: string) => Promise<RegisteredExemption | null>;
    readonly renewalOf: (id: string) => Promise<string | null>;
    readonly approvedOf: (rule: string) => Promise<readonly RegisteredExemption[]>;
    readonly approve: (id: string, person: string, at: Temporal.Instant) => Promise<boolean>;
    readonly revoke: (id: string, revocation: Revocation) => Promise<void>;
    readonly count: (at: Temporal.Instant) => Promise<number>;
    readonly override: (draft: OverrideDraft) => Promise<Override>;
    readonly use: (uses: readonly DeviationUse[]) => Promise<void>;
  };
  readonly emergencies: {
    readonly insert: (draft: EmergencyDraft) => Promise<string>;
    readonly find: (id: string) => Promise<EmergencyTicket | null>;
    readonly approve: (id: string, approval: EmergencyApproval) => Promise<boolean>;
    readonly permit: (id: string, span: Span) => Promise<void>;
    readonly requesters: (ticket: EmergencyTicket) => Promise<readonly string[]>;
    readonly owe: (debts: readonly DebtDraft[]) => Promise<readonly string[]>;
    readonly findDebt: (id: string) => Promise<RegisteredDebt | null>;
    readonly pay: (
      id: string,
      paid: { readonly at: Temporal.Instant; readonly by: string; readonly evidence: string },
    ) => Promise<void>;
    readonly announce: (told: readonly Announcement[]) => Promise<number>;
  };
}

export function exemptionRecordsOf(client: Queryable): ExemptionRecords {
  return {
    exemptions: {
      insert: (draft) => insertExemption(client, draft),
      find: (id) => findExemption(client, id),
      renewalOf: (id) => renewalOf(client, id),
      approvedOf: (rule) => approvedOf(client, rule),
      approve: (id, person, at) => approveExemption(client, id, person, at),
      revoke: (id, revocation) => revokeExemption(client, id, revocation),
      count: (at) => countExemptions(client, at),
      override: (draft) => insertOverride(client, draft),
      use: (uses) => insertUses(client, uses),
    },
    emergencies: {
      insert: (draft) => insertEmergency(client, draft),
      find: (id) => findEmergency(client, id),
      approve: (id, approval) => approveEmergency(client, id, approval),
      permit: (id, span) => permitEmergency(client, id, span),
      requesters: (ticket) => requestersOf(client, ticket),
      owe: (debts) => insertDebts(client, debts),
      findDebt: (id) => findDebt(client, id),
      pay: (id, paid) => payDebt(client, id, paid),
      announce: (told) => insertAnnouncements(client, told),
    },
  };
}
