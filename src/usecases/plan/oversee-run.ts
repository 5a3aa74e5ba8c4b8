import type { Person } from "#core/catalog/people.ts";
import type { Oversight } from "#core/plan/oversight.ts";
import { isMeant } from "#core/release/hold.ts";
import { err, ok, type Result } from "#core/result.ts";
import { advanceRun } from "#usecases/plan/advance-run.ts";
import { changed, type ChangeRunDeps } from "#usecases/plan/change-run.ts";
import type { OverseeRefusal, PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { PlanRun } from "#usecases/plan/plan-records.ts";
import { viewOf } from "#usecases/plan/show-run.ts";

/**
 * Somebody whom a runbook of high risk asks for says that they are present, or that they leave (capability I7). Owner and
 * overseer are two persons; who comes takes over from who was there. Its protected steps begin in the same transaction.
 */
export function makeOverseeRun(deps: ChangeRunDeps): PlanOperations["overseeRun"] {
  return ({ id, present, reason }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(id);
      if (run === null) return err({ code: "no-such-run" });
      const { person } = call.actor;
      const { people } = await records.catalog.inForce();
      const allowed = present ? mayCome(run, people.get(person)) : mayLeave(run, person);
      if (!allowed.ok) return allowed;
      const before = allowed.value.present?.person ?? null;
      if (present && before === person) return ok(await viewOf(records, run, deps.now()));
      const oversight: Oversight = { ...allowed.value, present: present ? { person, since: deps.now() } : null };
      await records.runs.oversee(id, oversight);
      const witness = { before: { overseer: before }, after: { overseer: present ? person : null } };
      await changed(deps, records, { run, action: "run.oversee", reason, ...witness }, call);
      await advanceRun(deps, records, { ...run, oversight });
      return ok(await viewOf(records, run, deps.now()));
    });
}

function mayCome(
  { oversight, owner, startedBy, endedAt }: PlanRun,
  person: Person | undefined,
): Result<Oversight, OverseeRefusal> {
  if (endedAt !== null) return err({ code: "already-ended" });
  if (oversight === null) return err({ code: "nobody-asked" });
  if (person === undefined || !isMeant(oversight.asked, person))
    return err({ code: "not-asked", who: oversight.asked });
  // Somebody else is present: neither who answers for it nor who began it, with whose rights it acts.
  return person.name === owner || person.name === startedBy ? err({ code: "owns-it" }) : ok(oversight);
}

function mayLeave({ oversight, endedAt }: PlanRun, person: string): Result<Oversight, OverseeRefusal> {
  if (endedAt !== null) return err({ code: "already-ended" });
  if (oversight === null) return err({ code: "nobody-asked" });
  return oversight.present?.person === person ? ok(oversight) : err({ code: "not-present" });
}
