import { err, ok } from "#core/result.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";

/** Records that what an emergency owed is done, and where that can be seen; the team's waiting work is judged again. */
export function makePayDebt({ now, transact }: ExemptionDeps): ExemptionOperations["payDebt"] {
  return ({ id, evidence }, call) =>
    transact(async (records) => {
      const at = now();
      const debt = await records.emergencies.findDebt(id);
      if (debt === null) return err("no-such-debt");
      if (debt.paidAt !== null) return err("already-paid");
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
