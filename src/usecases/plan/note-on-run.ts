import { err, ok } from "#core/result.ts";
import type { ChangeRunDeps } from "#usecases/plan/change-run.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import { viewOf } from "#usecases/plan/show-run.ts";

/** More than people write while one run goes on. */
export const maxNotes = 500;

/**
 * An issue or a decision that somebody notes on a run, behind its end too. It is a line of the audit record and nothing
 * else: nobody changes or removes it.
 */
export function makeNoteOnRun(deps: Pick<ChangeRunDeps, "now" | "transact">): PlanOperations["noteOnRun"] {
  return ({ id, kind, text }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.find(id);
      if (run === null) return err("no-such-run");
      if ((await records.runs.countNotes(id)) >= maxNotes) return err("too-many-notes");
      await records.audit.append({
        at: deps.now(),
        actor: call.actor,
        action: "run.note",
        object: id,
        outcome: kind,
        reason: text,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: null,
      });
      return ok(await viewOf(records, run, deps.now()));
    });
}
