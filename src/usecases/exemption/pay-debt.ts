import { can } from "#core/access/can.ts";
import { personResolver } from "#core/approval/persons.ts";
import type { RegisteredDebt } from "#core/exemption/register.ts";
import { makersOf } from "#core/release/artifact.ts";
import { err, ok } from "#core/result.ts";
import type { DebtRefusal, ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

/**
 * Records that what an emergency owed is done, and where that can be seen; the team's waiting work is judged again. A
 * review is paid by somebody who may judge emergencies and had no part in this one.
 */
export function makePayDebt({ now, transact }: ExemptionDeps): ExemptionOperations["payDebt"] {
  return ({ id, evidence }, call) =>
    transact(async (records) => {
      const at = now();
      const debt = await records.emergencies.findDebt(id);
      if (debt === null) return err("no-such-debt");
      if (debt.paidAt !== null) return err("already-paid");
      const refusal = debt.kind === "review" ? await refusedReview(records, debt, call) : null;
      if (refusal !== null) return err(refusal);
      const by = call.actor.person;
      await records.emergencies.pay(id, { at, by, evidence });
      const { services } = await records.catalog.inForce();
      const own = [...services.values()].filter(({ team }) => team === debt.team).map(({ name }) => name);
      await records.reports.wake({ services: own, environments: [], digest: null }, at);
      const paid = { ...debt, paidAt: at, paidBy: by, evidence };
      await records.audit.append({
        at,
        actor: call.actor,
        action: "debt.pay",
        object: id,
        outcome: "paid",
        reason: evidence,
        verdict: null,
        requestId: call.requestId,
        before: debt,
        after: paid,
      });
      return ok(paid);
    });
}

/** Who opened it, asked for what it let through, or made that, has nothing to say about how it went. */
async function refusedReview(
  records: Records,
  { emergency }: RegisteredDebt,
  { actor }: Call,
): Promise<DebtRefusal | null> {
  const ticket = await records.emergencies.find(emergency);
  if (ticket === null) throw new Error(`${emergency} is gone`);
  const { people } = await records.catalog.inForce();
  const resolve = personResolver(people);
  const self = resolve(actor.person) ?? actor.person;
  const isSelf = (name: string | null): boolean => name !== null && (resolve(name) ?? name) === self;
  const requesters = await records.emergencies.requesters(ticket);
  if ([ticket.openedBy, ...requesters].some(isSelf)) return "own-request";
  const artifact = await records.artifacts.find(ticket.service, ticket.version);
  if (makersOf(artifact).some(isSelf)) return "own-work";
  const person = people.get(self);
  return person !== undefined && can({ person }, "emergency.approve").allowed ? null : "not-entitled";
}
