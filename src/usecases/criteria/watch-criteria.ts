import type { Criterion } from "#core/criteria/criterion.ts";
import type { CriterionJudgement } from "#core/criteria/judge-criterion.ts";
import type { CriterionResult } from "#usecases/criteria/criteria-records.ts";
import {
  lookAtCriterion,
  spanOf,
  type CriterionSubject,
  type MetricDeps,
} from "#usecases/criteria/look-at-criterion.ts";

/** Criteria that are watched beside everything else: a source that hangs keeps nobody waiting. */
export interface CriteriaWatch {
  /** Asks whoever is due and gives how each criterion stands, in their order; null before its first answer. */
  readonly look: () => Promise<readonly Standing[]>;
  /** What has changed since it was asked last, for the record. */
  readonly changed: () => readonly CriterionResult[];
}

export interface Standing {
  readonly rule: Criterion;
  readonly judgement: CriterionJudgement | null;
}

export interface CriteriaWatchDeps extends MetricDeps {
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The proxy has new counts every second; other systems collect theirs every five seconds or more. */
const everyMs = { own: 450, others: 5_000 } as const;
/** A source that answers at once is judged in the look that asked it: a breach is acted on without another round. */
const graceMs = 200;
/** What has not changed is written again this often, with the series as they are now. */
const keepEveryMs = 10_000;

interface Seat {
  readonly rule: Criterion;
  judgement: CriterionJudgement | null;
  underWay: Promise<void> | null;
  dueAtMs: number;
  kept: { readonly outcome: string; readonly atMs: number } | null;
}

/** Once it is seen, a burst is for a person to look at: it does not go away with its window. */
function isFlagged(judgement: CriterionJudgement | null): judgement is CriterionJudgement {
  return judgement?.outcome === "flagged";
}

/** Also when the clock was set back, behind the last look: an answer of before is not waited for to come round again. */
function isDue({ rule, dueAtMs }: Seat, nowMs: number): boolean {
  return dueAtMs <= nowMs || dueAtMs > nowMs + everyOf(rule);
}

function everyOf({ source }: Criterion): number {
  return source === "own" ? everyMs.own : everyMs.others;
}

/** `sinceSecond`: from which on the change was in effect; nothing from before is judged. */
export function watchCriteria(
  deps: CriteriaWatchDeps,
  criteria: readonly Criterion[],
  subject: CriterionSubject,
  about: { readonly stage: string; readonly sinceSecond: number },
): CriteriaWatch {
  const seats = criteria.map((rule): Seat => ({ rule, judgement: null, underWay: null, dueAtMs: 0, kept: null }));
  const ask = (seat: Seat, nowMs: number): Promise<void> => {
    seat.dueAtMs = nowMs + everyOf(seat.rule);
    const span = spanOf(seat.rule, Math.floor(nowMs / 1000), about.sinceSecond);
    const asked = lookAtCriterion(deps, seat.rule, subject, span, seat.judgement?.memory ?? null);
    return asked.then((judgement) => {
      seat.judgement = isFlagged(seat.judgement) && judgement.outcome !== "fail" ? seat.judgement : judgement;
      seat.underWay = null;
    });
  };
  return {
    look: async () => {
      const nowMs = deps.wallNow().epochMilliseconds;
      for (const seat of seats) {
        if (seat.underWay === null && isDue(seat, nowMs)) seat.underWay = ask(seat, nowMs);
      }
      const underWay = seats.flatMap((seat) => seat.underWay ?? []);
      if (underWay.length > 0) await Promise.race([Promise.all(underWay), deps.pause(graceMs)]);
      return seats.map(({ rule, judgement }) => ({ rule, judgement }));
    },
    changed: () => {
      const at = deps.wallNow();
      return seats.flatMap((seat) => {
        const { judgement, kept } = seat;
        if (judgement === null) return [];
        const outcome = `${judgement.outcome} ${judgement.code}`;
        const isSame = kept?.outcome === outcome && at.epochMilliseconds - kept.atMs < keepEveryMs;
        if (isSame) return [];
        seat.kept = { outcome, atMs: at.epochMilliseconds };
        return [{ stage: about.stage, at, rule: seat.rule, judgement }];
      });
    },
  };
}
