import { coverFor } from "#core/calendar/cover/cover-for.ts";
import { coverRange, coverSpan } from "#core/calendar/cover/cover-length.ts";
import type { Facts } from "#core/policy/facts.ts";
import { err, ok } from "#core/result.ts";
import type { CoverAnswer } from "#usecases/calendar/cover-types.ts";
import type { Operations } from "#usecases/operations.ts";
import { horizonOf, questionSubject } from "#usecases/policy/ask-verdict.ts";
import type { Transact } from "#usecases/records.ts";

export interface AskCoverDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/** Who is there for a go-live at an instant and its stabilisation, as far as is known now: gaps and substitutes. */
export function makeAskCover(deps: AskCoverDeps): Operations["askCover"] {
  return ({ service, environment, at }) =>
    deps.transact(async (records) => {
      const now = deps.now();
      const from = at ?? now;
      const subject = questionSubject({ service, version: "", environment, action: "deploy" });
      const last = Temporal.Instant.compare(from, now) > 0 ? from : now;
      const facts = await records.facts.load(subject, now, horizonOf(last));
      if (facts.service === null) return err("no-such-service");
      if (facts.environment === null) return err("no-such-environment");
      return ok(coverIn(facts, facts.environment.zone, from));
    });
}

/** The cover of a start at an instant, by the facts of another. */
export function coverIn(facts: Facts, zone: string, from: Temporal.Instant): CoverAnswer {
  const { impact, people, durations, subject } = facts;
  const rotas = typeof facts.rotas === "string" ? [] : facts.rotas;
  const need = { subject, durations, impact, rotas };
  const span = coverSpan(need, from);
  const within = coverRange(need, facts.at, facts.horizon);
  const cover = facts.rotas === "none" ? "none" : coverFor({ impact, span, within, rotas, people });
  return { span, zone, impact, cover };
}
