/** Unscheduled work in a lane of its own (capability F5): one digest, named targets, a few hours, with debts. */
export interface EmergencyTicket {
  /** `EM-7`. */
  readonly id: string;
  /** Key of the incident or ticket elsewhere. */
  readonly ticket: string;
  readonly cause: string;
  readonly service: string;
  readonly version: string;
  readonly digest: string | null;
  readonly environments: readonly string[];
  readonly team: string;
  /** What of the checklist was confirmed when it was opened. */
  readonly criteria: readonly string[];
  /** Services that would feel it, as computed from the graph when it was opened; null: not computed. */
  readonly impact: readonly string[] | null;
  readonly openedBy: string;
  readonly approvedBy: readonly EmergencyApproval[];
  readonly openedAt: Temporal.Instant;
  /** Permission ends; counted from the last approval needed. null: not all are there. */
  readonly until: Temporal.Instant | null;
  /** Hard freezes that it may pass, by name. */
  readonly passesFreezes: readonly string[];
}

export interface EmergencyApproval {
  readonly person: string;
  readonly at: Temporal.Instant;
  /** Was on duty for a team of the impact set when approving, or nobody has declared any rota. */
  readonly onDuty: boolean;
}

export const debtKinds = ["review", "back-merge", "rehearsal"] as const;
export type DebtKind = (typeof debtKinds)[number];

/** What an emergency owes; overdue debts narrow what the team may do next. */
export interface Debt {
  readonly id: string;
  readonly kind: DebtKind;
  readonly team: string;
  readonly emergency: string;
  readonly dueAt: Temporal.Instant;
  readonly paidAt: Temporal.Instant | null;
}
