import { readDraft } from "#usecases/policy/read-draft.ts";
import type { Document } from "#config/document.ts";
import { differenceOf, type Draft, isFix, withDraft } from "#core/policy/backtest.ts";
import { summarise } from "#core/policy/backtest-summary.ts";
import type { Facts } from "#core/policy/facts.ts";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { DeploymentState } from "#core/rollout/state.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import type {
  BacktestChange,
  BacktestPage,
  BacktestQuestion,
  BacktestRefusal,
} from "#usecases/policy/policy-operations.ts";

/** A verdict at the gate of a request, a pipeline or a start, as it was stored. */
export interface RecordedVerdict {
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly deployment: string | null;
  readonly verdict: string;
  readonly facts: string;
  readonly zoneData: string;
  readonly isLast: boolean;
  readonly state: DeploymentState | null;
  readonly next: string;
}

type Span = Pick<BacktestQuestion, "since" | "until">;

export interface BackTestDeps {
  readonly judge: Judge;
  /** Canonical text by which two verdicts are compared. */
  readonly textOf: (verdict: Verdict) => string;
  /** Judges a stored verdict again by the rules that judged it, in the form in which it was stored. */
  readonly replay: (recorded: RecordedVerdict) => "same" | "different" | "rules-gone";
  readonly documents: () => Promise<readonly Document[]>;
  readonly verdicts: (
    asked: Span & { readonly after: string | null },
    limit: number,
  ) => Promise<readonly RecordedVerdict[]>;
  readonly count: (span: Span) => Promise<number>;
  /** Milliseconds from anywhere, for the length of one answer. */
  readonly stopwatch: () => number;
}

/** One answer ends here: others wait for their turn, and callers want to see how far it is. The rest follows with its cursor. */
const maxMs = 5_000;
/** Stored facts are read in portions of so many: a page in memory is some ten megabytes. */
const portion = 50;

/** One stretch of a back-test, without its turn. */
export type JudgeStretch = (
  question: BacktestQuestion,
) => Promise<Result<BacktestPage, Exclude<BacktestRefusal, string>>>;

/**
 * A draft against the recorded verdicts (capability F7): every verdict is judged again on its stored facts, as it was and
 * with the draft in place. Reads only, in stretches of bounded time. It occupies whatever runs it: bound to a thread of its
 * own, with turns.
 */
export function makeBackTest(deps: BackTestDeps): JudgeStretch {
  return async (question) => {
    const read = readDraft(question, await deps.documents());
    if (!read.ok) return err({ code: "invalid-configuration", problems: read.error });
    const { draft, changes: tried, ignored } = read.value;
    const stretch = await judgeStretch(deps, question, draft);
    return ok({
      draft: tried,
      ignored,
      total: await deps.count(question),
      ...stretch,
      summary: summarise(stretch.changes, stretch.deployments),
    });
  };
}

type Stretch = Pick<BacktestPage, "judged" | "deployments" | "replay" | "changes" | "next">;

async function judgeStretch(deps: BackTestDeps, question: BacktestQuestion, draft: Draft): Promise<Stretch> {
  const tally = emptyTally();
  const startedAt = deps.stopwatch();
  let after = question.after;
  let judged = 0;
  while (judged < question.limit) {
    const wanted = Math.min(portion, question.limit - judged);
    const recorded = await deps.verdicts({ ...question, after }, wanted);
    for (const verdict of recorded) {
      judgeOne(deps, verdict, draft, tally);
      judged++;
      after = verdict.next;
      if (deps.stopwatch() - startedAt > maxMs) return toStretch(tally, judged, after);
    }
    if (recorded.length < wanted) return toStretch(tally, judged, null);
  }
  return toStretch(tally, judged, after);
}

interface Tally {
  deployments: number;
  comparable: number;
  reproduced: number;
  olderRules: number;
  olderZoneData: number;
  readonly different: string[];
  readonly unreadable: { readonly verdict: string; readonly message: string }[];
  readonly changes: BacktestChange[];
}

function emptyTally(): Tally {
  const counts = { deployments: 0, comparable: 0, reproduced: 0, olderRules: 0, olderZoneData: 0 };
  return { ...counts, different: [], unreadable: [], changes: [] };
}

function toStretch({ deployments, changes, ...replay }: Tally, judged: number, next: string | null): Stretch {
  return { judged, deployments, replay, changes, next };
}

function judgeOne(deps: BackTestDeps, recorded: RecordedVerdict, draft: Draft, tally: Tally): void {
  const read = factsFromJson(JSON.parse(recorded.facts));
  if (!read.ok) {
    tally.unreadable.push({ verdict: recorded.id, message: read.error.message });
    return;
  }
  const facts = read.value;
  const was = deps.judge(facts);
  compareWithRecord(deps, recorded, was, tally);
  if (!recorded.isLast && recorded.deployment !== null) return;
  tally.deployments++;
  const tried = withDraft(facts, draft);
  const difference = tried === facts ? null : differenceOf(was, deps.judge(tried));
  if (difference !== null) tally.changes.push({ ...difference, ...rowOf(recorded, facts, difference) });
}

/** The bytes first: a verdict of these very rules needs no second judgement to be told the same. */
function compareWithRecord(deps: BackTestDeps, recorded: RecordedVerdict, was: Verdict, tally: Tally): void {
  const outcome =
    deps.textOf(was) === recorded.verdict
      ? "same"
      : recorded.zoneData === was.zoneData
        ? deps.replay(recorded)
        : "other-zone-data";
  switch (outcome) {
    case "rules-gone":
      tally.olderRules++;
      return;
    case "other-zone-data":
      tally.olderZoneData++;
      return;
    case "same":
      tally.comparable++;
      tally.reproduced++;
      return;
    case "different":
      tally.comparable++;
      tally.different.push(recorded.id);
  }
}

const failedStates: readonly (DeploymentState | null)[] = ["failed", "rolled-back", "needs-human"];

function rowOf(
  { id, deployment, state }: RecordedVerdict,
  { at, subject }: Facts,
  { wasOpensAt, wouldOpensAt }: Pick<BacktestChange, "wasOpensAt" | "wouldOpensAt">,
): Omit<BacktestChange, "kind" | "was" | "would" | "wasOpensAt" | "wouldOpensAt" | "because"> {
  const { service, version, environment } = subject;
  const isKnown = wasOpensAt !== null && wouldOpensAt !== null;
  return {
    verdict: id,
    deployment,
    service,
    version,
    environment,
    at,
    delaySeconds: isKnown ? Math.round(wasOpensAt.until(wouldOpensAt).total("seconds")) : null,
    state,
    failed: failedStates.includes(state),
    fix: isFix(subject),
  };
}
