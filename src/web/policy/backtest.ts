import { answered, api } from "#web/api.ts";
import type { BacktestChange, BacktestPage } from "#web/policy/policies.ts";

export interface BacktestQuestion {
  readonly text: string;
  readonly since: string;
  readonly until: string | undefined;
}

export const changeKinds = ["newly-blocked", "delayed", "newly-allowed", "earlier", "other"] as const;
export type ChangeKind = (typeof changeKinds)[number];

interface Tally {
  readonly count: number;
  readonly failed: number;
  readonly fixes: number;
}

/** What has been found so far: the answers to the pages asked for, put together. */
export interface BacktestReport {
  readonly total: number;
  readonly judged: number;
  readonly deployments: number;
  readonly draft: BacktestPage["draft"];
  readonly replay: BacktestPage["replay"];
  readonly byKind: Readonly<Record<ChangeKind, Tally>>;
  readonly changes: readonly BacktestChange[];
  /** True when every recorded verdict of the span has been judged. */
  readonly isWhole: boolean;
}

const none: Tally = { count: 0, failed: 0, fixes: 0 };

export const emptyReport: BacktestReport = {
  total: 0,
  judged: 0,
  deployments: 0,
  draft: [],
  replay: { comparable: 0, reproduced: 0, different: [], olderRules: 0, olderZoneData: 0, unreadable: [] },
  byKind: { "newly-blocked": none, delayed: none, "newly-allowed": none, earlier: none, other: none },
  changes: [],
  isWhole: false,
};

/** More are counted but not listed. */
export const maxListed = 2000;

export function withPage(report: BacktestReport, page: BacktestPage): BacktestReport {
  const { replay } = report;
  return {
    total: page.total,
    judged: report.judged + page.judged,
    deployments: report.deployments + page.deployments,
    draft: page.draft,
    replay: {
      comparable: replay.comparable + page.replay.comparable,
      reproduced: replay.reproduced + page.replay.reproduced,
      different: [...replay.different, ...page.replay.different],
      olderRules: replay.olderRules + page.replay.olderRules,
      olderZoneData: replay.olderZoneData + page.replay.olderZoneData,
      unreadable: [...replay.unreadable, ...page.replay.unreadable],
    },
    byKind: {
      "newly-blocked": sum(report, page, "newly-blocked"),
      delayed: sum(report, page, "delayed"),
      "newly-allowed": sum(report, page, "newly-allowed"),
      earlier: sum(report, page, "earlier"),
      other: sum(report, page, "other"),
    },
    changes: [...report.changes, ...page.changes].slice(0, maxListed),
    isWhole: page.next === null,
  };
}

function sum(report: BacktestReport, page: BacktestPage, kind: ChangeKind): Tally {
  const [old, more] = [report.byKind[kind], page.summary.byKind[kind]];
  return { count: old.count + more.count, failed: old.failed + more.failed, fixes: old.fixes + more.fixes };
}

/** Verdicts per answer: some seconds of work, so that the bar moves. */
const pageSize = 200;

/** Asks page by page and tells after each; ends when all are judged or the signal says so. */
export async function runBacktest(
  { text, since, until }: BacktestQuestion,
  tell: (report: BacktestReport) => void,
  signal: AbortSignal,
): Promise<void> {
  let report = emptyReport;
  let cursor: string | null = null;
  do {
    const body = {
      files: text.trim() === "" ? [] : [{ path: "draft.yaml", text }],
      since,
      limit: pageSize,
      ...(until === undefined ? {} : { until }),
      ...(cursor === null ? {} : { cursor }),
    };
    const page: BacktestPage = await pageOf(body, signal);
    report = withPage(report, page);
    cursor = page.next;
    tell(report);
  } while (cursor !== null && !signal.aborted);
}

type Body = Parameters<typeof api.backTestPolicies>[0]["body"];

/** Others have their turns too, some seconds each; the page says that it waits by standing still. */
async function pageOf(body: Body, signal: AbortSignal): Promise<BacktestPage> {
  for (;;) {
    const outcome = await api.backTestPolicies({ signal, body });
    const isFull = "problem" in outcome && outcome.problem.code === "backtests-full";
    if (!isFull || signal.aborted) return await answered(Promise.resolve(outcome));
    await new Promise((resolve) => void setTimeout(resolve, (outcome.retryAfter ?? 5) * 1000));
  }
}
