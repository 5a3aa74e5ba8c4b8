import type { RegisteredExemption } from "#core/exemption/register.ts";
import { err, ok } from "#core/result.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import { placesOf } from "#usecases/exemption/places.ts";
import { renewalsBefore } from "#usecases/exemption/renewals.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

/**
 * Consent of compliance, never of the requester; from now on waiting work may use it. Renewals are counted once more:
 * several that were asked for before any was approved are several all the same.
 */
export function makeApproveExemption({ now, transact }: ExemptionDeps): ExemptionOperations["approveExemption"] {
  return ({ id }, call) =>
    transact(async (records) => {
      const at = now();
      const before = await records.exemptions.find(id);
      if (before === null) return err("no-such-exemption");
      if (before.exemption.requestedBy === call.actor.person) return err("own-request");
      if (isOver(before, at)) return err("exemption-over");
      if (await isRenewedTooOften(records, before)) return err("renewals-used-up");
      if (!(await records.exemptions.approve(id, call.actor.person, at))) return err("already-approved");
      return ok(await changed(records, { before, action: "exemption.approve", outcome: "approved", at }, call));
    });
}

/** Ends it before its time; waiting work that would have used it is judged again at once. */
export function makeRevokeExemption({ now, transact }: ExemptionDeps): ExemptionOperations["revokeExemption"] {
  return ({ id, reason }, call) =>
    transact(async (records) => {
      const at = now();
      const before = await records.exemptions.find(id);
      if (before === null) return err("no-such-exemption");
      if (isOver(before, at)) return err("exemption-over");
      await records.exemptions.revoke(id, { at, by: call.actor.person, reason });
      return ok(await changed(records, { before, action: "exemption.revoke", outcome: "revoked", reason, at }, call));
    });
}

async function isRenewedTooOften(records: Records, { exemption, type: name }: RegisteredExemption): Promise<boolean> {
  const organisation = await records.catalog.inForce();
  const type = organisation.exemptionTypes.find((one) => one.name === name);
  if (type === undefined) return false;
  const approved = await records.exemptions.approvedOf(exemption.rule);
  const others = approved.filter((other) => other.exemption.id !== exemption.id);
  return renewalsBefore(exemption, others, organisation, type.maxDuration) > type.renewals;
}

function isOver({ exemption, revoked }: RegisteredExemption, at: Temporal.Instant): boolean {
  return revoked !== null || Temporal.Instant.compare(exemption.until, at) <= 0;
}

interface Change {
  readonly before: RegisteredExemption;
  readonly action: string;
  readonly outcome: string;
  readonly reason?: string | null;
  readonly at: Temporal.Instant;
}

async function changed(
  records: Records,
  { before, action, outcome, reason = null, at }: Change,
  call: Call,
): Promise<RegisteredExemption> {
  const { id, scope } = before.exemption;
  const after = await records.exemptions.find(id);
  if (after === null) throw new Error(`${id} is gone`);
  const concerned = placesOf(scope, await records.catalog.inForce());
  if (concerned !== null) await records.reports.wake(concerned, at);
  await records.audit.append({
    at,
    actor: call.actor,
    action,
    object: id,
    outcome,
    reason,
    verdict: null,
    requestId: call.requestId,
    before: before.exemption,
    after: after.exemption,
  });
  return after;
}
