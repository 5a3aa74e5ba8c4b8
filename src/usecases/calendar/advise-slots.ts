import { adviseOn } from "#core/policy/slot-advice.ts";
import type { Rule } from "#core/policy/rule.ts";
import type { EvaluateOptions } from "#core/policy/evaluate.ts";
import { err, ok } from "#core/result.ts";
import type { Operations } from "#usecases/operations.ts";
import { horizonOf, questionSubject } from "#usecases/policy/ask-verdict.ts";
import type { Transact } from "#usecases/records.ts";

/** How verdicts are judged here: the rules, this process's hash and its zone data. */
export interface Judging extends Pick<EvaluateOptions, "hash" | "zoneData"> {
  readonly rules: readonly Rule[];
}

export interface AdviseSlotsDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judging: Judging;
}

/**
 * Ranks the slots of a change that may not have been requested yet. A plan for the way back is taken for granted here;
 * the request itself has to name it.
 */
export function makeAdviseSlots(deps: AdviseSlotsDeps): Operations["adviseSlots"] {
  return (question) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const about = questionSubject({ ...question, action: "deploy" });
      const subject = {
        ...about,
        hasRollbackPlan: true,
        ...(question.risk === null ? {} : { risk: question.risk }),
      };
      const { service, version, environment } = subject;
      const facts = await records.facts.load(
        { ...about, ...subject, service, version, environment },
        at,
        horizonOf(at),
      );
      if (facts.service === null) return err("no-such-service");
      if (facts.environment === null) return err("no-such-environment");
      const since = question.since ?? at;
      const until = question.until ?? facts.horizon;
      const advice = adviseOn(facts, { ...deps.judging, since, until });
      return ok({ ...advice, at, zone: facts.environment.zone });
    });
}
