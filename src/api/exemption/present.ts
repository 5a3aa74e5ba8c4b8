import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type {
  announcement as wireAnnouncement,
  emergency as wireEmergency,
  listDebts,
  listEmergencies,
} from "#contract/emergency.ts";
import type { deviationUse, exemption as wireExemption, overrideFinding } from "#contract/exemption.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Override } from "#core/exemption/exemption.ts";
import type { Announcement, RegisteredDebt, RegisteredExemption, RegisteredUse } from "#core/exemption/register.ts";
import type { EmergencyState } from "#usecases/exemption/exemption-operations.ts";

type Wire<T extends z.ZodType> = DeepReadonly<z.input<T>>;
type WireExemption = Wire<typeof wireExemption>;
type WireOverride = Wire<(typeof overrideFinding.answers)[200]>;
type WireSummary = Wire<(typeof listEmergencies.answers)[200]>["items"][number];
type WireDebt = Wire<(typeof listDebts.answers)[200]>["items"][number];

export function presentExemption(found: RegisteredExemption, now: Temporal.Instant): WireExemption {
  const { exemption, type, renews, renewal, requestedAt, approvals, revoked, uses } = found;
  const { from, until, approvedBy: _approvedBy, revokedAt: _revokedAt, ...rest } = exemption;
  return {
    ...rest,
    type,
    state: stateOf(found, now),
    from: from.toString(),
    until: until.toString(),
    renews,
    renewal,
    requestedAt: requestedAt.toString(),
    approvals: approvals.map(({ person, at }) => ({ person, at: at.toString() })),
    revoked: revoked === null ? null : { ...revoked, at: revoked.at.toString() },
    uses,
  };
}

function stateOf(
  { exemption: { from, until }, approvals, revoked }: RegisteredExemption,
  now: Temporal.Instant,
): WireExemption["state"] {
  if (revoked !== null) return "revoked";
  if (Temporal.Instant.compare(until, now) <= 0) return "ended";
  if (approvals.length === 0) return "requested";
  return Temporal.Instant.compare(from, now) > 0 ? "planned" : "in-force";
}

export function presentUse({ at, deployment, ...use }: RegisteredUse): Wire<typeof deviationUse> {
  return { ...use, deployment: toDeploymentId(deployment), at: at.toString() };
}

export function presentOverride({ at, until, subjects, ...override }: Override): WireOverride {
  return { ...override, subjects: [...(subjects ?? [])], at: at.toString(), until: until.toString() };
}

export function presentTicket(found: EmergencyTicket, now: Temporal.Instant): WireSummary {
  const { openedAt, approvedBy, until, ...rest } = found;
  const isOver = until !== null && Temporal.Instant.compare(until, now) <= 0;
  return {
    ...rest,
    state: until === null ? "opened" : isOver ? "over" : "permitted",
    openedAt: openedAt.toString(),
    approvals: approvedBy.map(({ person, at, onDuty }) => ({ person, at: at.toString(), onDuty })),
    until: until === null ? null : until.toString(),
  };
}

export function presentEmergency(
  { ticket, debts, announced }: EmergencyState,
  now: Temporal.Instant,
): Wire<typeof wireEmergency> {
  return {
    ...presentTicket(ticket, now),
    debts: debts.map((debt) => presentDebt(debt, now)),
    announcements: announced.map(presentAnnouncement),
  };
}

export function presentDebt({ since, dueAt, paidAt, ...debt }: RegisteredDebt, now: Temporal.Instant): WireDebt {
  const isOverdue = Temporal.Instant.compare(dueAt, now) <= 0;
  return {
    ...debt,
    since: since.toString(),
    dueAt: dueAt.toString(),
    state: paidAt !== null ? "paid" : isOverdue ? "overdue" : "open",
    paidAt: paidAt === null ? null : paidAt.toString(),
  };
}

export function presentAnnouncement({ at, ...told }: Announcement): Wire<typeof wireAnnouncement> {
  return { ...told, at: at.toString() };
}
