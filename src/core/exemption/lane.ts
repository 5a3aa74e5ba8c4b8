import { personResolver } from "#core/approval/persons.ts";
import type { Debt, EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { compareInstants, type Span } from "#core/span.ts";

/** What the lane asks for where no policy says: it opens a freeze, so it is never free. */
export const defaultEmergency: EmergencyDemand = {
  approvals: 1,
  validFor: Temporal.Duration.from({ hours: 2 }),
  criteria: [],
  reviewWithin: Temporal.Duration.from({ days: 5 }),
  backMergeWithin: Temporal.Duration.from({ days: 5 }),
  rehearsalWithin: null,
  stopsAfter: null,
};

/** A permission as a span: from its last approval to its end. */
export interface Permit extends Span {
  readonly id: string;
  readonly passesFreezes: readonly string[];
}

export type PermitFacts = Pick<Facts, "subject" | "artifact" | "emergency">;

/**
 * The permission of an emergency: only for the class emergency, one digest and named places. Whether enough people of
 * the right sort have given it is judged by the rule `emergency-permitted`, without which nothing is allowed.
 */
export function permitOf({ subject, artifact, emergency: ticket }: PermitFacts): Permit | null {
  if (subject.class !== "emergency" || ticket === null || ticket.until === null) return null;
  const digest = artifact === null || artifact === "assumed" ? null : artifact.digest;
  if (ticket.digest === null || ticket.digest !== digest || !isNamed(ticket, subject)) return null;
  const last = ticket.approvedBy.reduce((latest, { at }) => later(latest, at), ticket.openedAt);
  const from = later(last, ticket.openedAt);
  if (compareInstants(from, ticket.until) >= 0) return null;
  return { id: ticket.id, from, to: ticket.until, passesFreezes: ticket.passesFreezes };
}

/** True when the ticket is about this version in this place. */
export function isNamed(ticket: EmergencyTicket, subject: Subject): boolean {
  return (
    ticket.service === subject.service &&
    ticket.version === subject.version &&
    ticket.environments.includes(subject.environment)
  );
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return compareInstants(a, b) >= 0 ? a : b;
}

/** What the ticket has to have, for this team and at this instant. */
export interface LaneNeeds {
  readonly approvals: number;
  /** One of the approvers is of compliance. */
  readonly compliance: boolean;
  /** Overdue debts that ask for more. */
  readonly overdue: readonly Debt[];
}

/**
 * Debts that were overdue when the ticket was opened, and are not paid yet, ask for one approver more, and for one of
 * compliance among them. Debts that fall due while a permission is used do not take it away.
 */
export function laneNeeds(
  ticket: Pick<EmergencyTicket, "id" | "team" | "openedAt">,
  demand: EmergencyDemand,
  debts: readonly Debt[],
  moment: Temporal.Instant,
): LaneNeeds {
  const overdue = debts.filter(
    (debt) =>
      debt.team === ticket.team &&
      debt.emergency !== ticket.id &&
      compareInstants(debt.dueAt, ticket.openedAt) <= 0 &&
      (debt.paidAt === null || compareInstants(debt.paidAt, moment) > 0),
  );
  const escalated = overdue.length > 0;
  return { approvals: demand.approvals + (escalated ? 1 : 0), compliance: escalated, overdue };
}

export type ApproverFacts = Pick<Facts, "people"> & {
  /** Persons or accounts that ask for the change or have made it. */
  readonly concerned: readonly string[];
};

export interface LaneApprovals {
  /** Persons whose approval counts, by name. */
  readonly counted: readonly string[];
  readonly ignored: readonly { readonly person: string; readonly why: string }[];
  readonly hasCompliance: boolean;
}

/** Distinct persons on duty who neither opened the ticket nor ask for the change nor made it. */
export function laneApprovals(
  ticket: Pick<EmergencyTicket, "openedBy" | "approvedBy">,
  { people, concerned }: ApproverFacts,
  moment: Temporal.Instant,
): LaneApprovals {
  const resolve = personResolver(people);
  const self = (name: string): string => resolve(name) ?? name;
  const barred = new Set(concerned.map(self));
  const opener = self(ticket.openedBy);
  const counted = new Set<string>();
  const ignored: { person: string; why: string }[] = [];
  for (const { person: name, at, onDuty } of ticket.approvedBy) {
    if (compareInstants(at, moment) > 0) continue;
    const person = resolve(name);
    if (person === null) ignored.push({ person: name, why: "is not in the directory" });
    else if (person === opener) ignored.push({ person, why: "opened it" });
    else if (barred.has(person)) ignored.push({ person, why: "asks for the change or made it" });
    else if (!onDuty) ignored.push({ person, why: "was not on duty" });
    else counted.add(person);
  }
  const hasCompliance = [...counted].some((name) => people.get(name)?.roles.includes("compliance") === true);
  return { counted: [...counted].sort(), ignored, hasCompliance };
}

/** What a ticket lacks whoever approves it; empty when it is complete. */
export function ticketGaps(ticket: EmergencyTicket, demand: EmergencyDemand): readonly TicketGap[] {
  const open = demand.criteria.filter((criterion) => !ticket.criteria.includes(criterion));
  return [
    ...(ticket.cause.trim() === "" ? [{ code: "cause-empty", said: "its cause is empty" } as const] : []),
    ...(open.length > 0
      ? [{ code: "criteria-open", said: `of its criteria nobody has confirmed ${open.join(", ")}` } as const]
      : []),
    ...(ticket.impact === null
      ? [{ code: "impact-missing", said: "its impact on dependants was not computed" } as const]
      : []),
  ];
}

export interface TicketGap {
  readonly code: "cause-empty" | "criteria-open" | "impact-missing";
  readonly said: string;
}
