import type { BookingId, DeploymentId, VerdictId } from "#core/id.ts";
import { correctionOf, toldText, type Correction, type Earlier } from "#core/policy/correction.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Glance, Verdict } from "#core/policy/verdict.ts";
import { isBefore, isSameSpan, type Span } from "#core/span.ts";
import type { KnownFacts } from "#usecases/policy/answer-questions.ts";
import { horizonOf, type Judge } from "#usecases/policy/ask-verdict.ts";
import { nextCheck } from "#usecases/release/next-check.ts";
import { plannedSpan } from "#usecases/release/planned-span.ts";

/** Waiting work whose timer is due. */
export interface DueWork {
  readonly id: DeploymentId;
  readonly booking: BookingId;
  readonly subject: Subject;
  readonly verdict: VerdictId | null;
  /** `fingerprint` of the last judgement; null: not known. */
  readonly seen: string | null;
  /** `toldText` of that verdict; null: not known. */
  readonly told: string | null;
  readonly planned: Span;
  /** Its timer. */
  readonly dueAt: Temporal.Instant;
}

/** As much of due work as a glance needs. */
export type DueOutline = Pick<DueWork, "id" | "subject" | "told" | "dueAt">;

/** A place in the order of due work. */
export interface DuePlace {
  readonly at: Temporal.Instant;
  readonly id: DeploymentId;
}

export interface Rejudged {
  readonly work: DueWork;
  readonly id: VerdictId;
  readonly verdict: Verdict;
  readonly facts: Facts;
  readonly seen: string;
  readonly told: string;
  readonly nextCheckAt: Temporal.Instant;
  readonly planned: Span;
  readonly correction: Correction | null;
}

/** One transaction over waiting work. */
export interface RejudgeRecords {
  /** Oldest first from behind a place, locked; what another node holds is left to it. */
  readonly due: (now: Temporal.Instant, after: DuePlace | null, limit: number) => Promise<readonly DueWork[]>;
  /** Those of them that are still due, locked; what another node holds is left to it. */
  readonly dueAmong: (now: Temporal.Instant, ids: readonly DeploymentId[]) => Promise<readonly DueWork[]>;
  readonly isFresh: (snapshot: string) => Promise<boolean>;
  readonly earlierVerdicts: (ids: readonly VerdictId[]) => Promise<ReadonlyMap<string, Earlier>>;
  readonly setTimers: (
    timers: readonly { readonly id: DeploymentId; readonly nextCheckAt: Temporal.Instant }[],
  ) => Promise<void>;
  readonly save: (rows: readonly Rejudged[]) => Promise<void>;
}

export interface RejudgeDeps {
  readonly now: () => Temporal.Instant;
  readonly judge: Judge;
  readonly glance: (facts: Facts) => Glance | null;
  /** In the order of `due`, and locked by nobody. */
  readonly outlines: (now: Temporal.Instant, after: DuePlace | null, limit: number) => Promise<readonly DueOutline[]>;
  readonly fingerprint: (facts: Facts, verdict: Verdict) => string;
  /** null until the facts have been read. */
  readonly known: () => KnownFacts | null;
  readonly refresh: () => Promise<unknown>;
  readonly transact: <T>(body: (records: RejudgeRecords) => Promise<T>) => Promise<T>;
  readonly newVerdictId: () => VerdictId;
  /** Judges each in a transaction of its own, and starts what may go; how many it judged. */
  readonly resume: (ids: readonly DeploymentId[]) => Promise<number>;
  /** Between two pages: others need the rows, and the loop of events. */
  readonly pause: () => Promise<void>;
}

/** Rows of one transaction: some hundred milliseconds of judging, during which they are locked. */
export const rejudgeBatch = 250;
const maxTries = 5;
/** Work that is glanced at before what was found among it goes on record. */
export const glanceBatch = 2_500;
/** Work that a sweep starts before it goes on with what may not go: some seconds. */
const maxStarted = 100;
/** Glances between two pauses: some milliseconds. */
const glancesAtOnce = 32;
/** While the database writes one page the next one is judged; each skips the rows that another has locked. */
const lanes = 2;

/**
 * Judges waiting work again whose timer is due, in bulk and from facts in memory: a fact that changed has made due what
 * may depend on it, and only work of which a fact or the answer is another one gets a new verdict on record, with those
 * who were told otherwise. Where more than a page is due, work whose people have to be told comes first, and then
 * work that may go: neither needs to wait for the records of all the rest. A lane looks at no row twice in a sweep. Other
 * work that may go is left to `makeResumeWaiting`, which starts it. Returns how many rows were dealt with.
 */
export function makeRejudge(deps: RejudgeDeps): () => Promise<number> {
  return async () => {
    const sweep: Sweep = { until: deps.now(), hasMoved: false };
    const first = await mostUrgent(deps, sweep.until);
    const running = Array.from({ length: lanes }, (_, lane) => runLane(deps, sweep, lane));
    // A sweep has ended when all of it has: the next one would meet what the failed one left under way.
    await Promise.allSettled(running);
    const dealtWith = await Promise.all(running);
    return dealtWith.reduce((sum, each) => sum + each, first);
  };
}

/** Puts on record what people have to be told, batch by batch, and starts what may go; how many rows it dealt with. */
async function mostUrgent(deps: RejudgeDeps, until: Temporal.Instant): Promise<number> {
  if (deps.known() === null) return 0;
  let dealtWith = 0;
  const mayGo: DeploymentId[] = [];
  let after: DuePlace | null = null;
  for (;;) {
    const batch: readonly DueOutline[] = await deps.outlines(until, after, glanceBatch);
    const last = batch.at(-1);
    if (last === undefined || (after === null && batch.length <= rejudgeBatch)) break;
    // Of before the change that made them due, memory would tell what people know already.
    if (after === null) await deps.refresh();
    after = { at: last.dueAt, id: last.id };
    const urgent = await glanceAt(deps, batch);
    dealtWith += await correct(deps, until, urgent.toldOtherwise);
    mayGo.push(...urgent.mayGo);
  }
  return dealtWith + (await deps.resume(mayGo.slice(0, maxStarted)));
}

async function correct(deps: RejudgeDeps, until: Temporal.Instant, all: readonly DeploymentId[]): Promise<number> {
  let dealtWith = 0;
  for (let from = 0; from < all.length; from += rejudgeBatch) {
    const ids = all.slice(from, from + rejudgeBatch);
    const page = await nextPage(deps, (records) => records.dueAmong(until, ids));
    dealtWith += page?.dealtWith ?? 0;
    if (page?.hasMoved === true) await deps.refresh();
  }
  return dealtWith;
}

interface Urgent {
  /** The answer is another one than its people know, or nobody knows what they know. */
  readonly toldOtherwise: readonly DeploymentId[];
  readonly mayGo: readonly DeploymentId[];
}

async function glanceAt(deps: RejudgeDeps, batch: readonly DueOutline[]): Promise<Urgent> {
  const toldOtherwise: DeploymentId[] = [];
  const mayGo: DeploymentId[] = [];
  for (const [place, work] of batch.entries()) {
    if (place % glancesAtOnce === 0) await deps.pause();
    // Read anew each time: what was found in the batch before may have moved bookings.
    const known = deps.known();
    if (known === null) break;
    const seen = glanceOf(deps, known, work);
    if (seen?.decision === "allow") mayGo.push(work.id);
    else if (seen !== null && toldText(seen) !== work.told) toldOtherwise.push(work.id);
  }
  return { toldOtherwise, mayGo };
}

/** Null of what cannot be judged: the sweep that takes each by itself reports it. */
function glanceOf(deps: RejudgeDeps, known: KnownFacts, { id, subject }: DueOutline): Glance | null {
  const at = deps.now();
  try {
    return deps.glance(known.factsFor({ ...subject, onBehalfOf: id }, at, horizonOf(at)));
  } catch {
    return null;
  }
}

interface Sweep {
  readonly until: Temporal.Instant;
  /** A page has moved bookings, which are facts for every other page: only the first lane goes on. */
  hasMoved: boolean;
}

/** How many rows the lane dealt with, until none is left or the facts change faster than they can be read. */
async function runLane(deps: RejudgeDeps, sweep: Sweep, lane: number): Promise<number> {
  let dealtWith = 0;
  let after: DuePlace | null = null;
  for (;;) {
    if (lane > 0 && sweep.hasMoved) break;
    const behind: DuePlace | null = after;
    const page: Page | null = await nextPage(deps, (records) => records.due(sweep.until, behind, rejudgeBatch));
    if (page === null) break;
    dealtWith += page.dealtWith;
    after = page.last;
    if (page.hasMoved) {
      sweep.hasMoved = true;
      // The next page would be judged twice otherwise.
      await deps.refresh();
    }
    await deps.pause();
  }
  return dealtWith;
}

interface Page {
  readonly dealtWith: number;
  readonly last: DuePlace;
  /** Bookings stand elsewhere now. */
  readonly hasMoved: boolean;
}

type ReadDue = (records: RejudgeRecords) => Promise<readonly DueWork[]>;

/** Null: nothing is left, or the facts change faster than they can be read. */
async function nextPage(deps: RejudgeDeps, read: ReadDue): Promise<Page | null> {
  for (let tries = 0; tries < maxTries; tries++) {
    const known = deps.known();
    if (known === null) return null;
    const page = await deps.transact((records) => rejudgePage(deps, records, known, read));
    if (page !== "stale") return page;
    await deps.refresh();
  }
  return null;
}

interface Judged extends Omit<Rejudged, "id" | "correction"> {
  readonly at: Temporal.Instant;
}

async function rejudgePage(
  deps: RejudgeDeps,
  records: RejudgeRecords,
  known: KnownFacts,
  read: ReadDue,
): Promise<Page | null | "stale"> {
  const at = deps.now();
  const due = await read(records);
  const last = due.at(-1);
  if (last === undefined) return null;
  const judged = due.flatMap((work) => judgeWork(deps, known, work, at) ?? []);
  const waiting = judged.filter(({ verdict }) => verdict.decision !== "allow");
  if (waiting.length > 0 && !(await records.isFresh(known.snapshot))) return "stale";
  const changed = waiting.filter(({ work, seen }) => work.seen !== seen);
  const same = waiting.filter(({ work, seen }) => work.seen === seen);
  await records.setTimers(same.map(({ work, nextCheckAt }) => ({ id: work.id, nextCheckAt })));
  // Of what says the same as before nothing is corrected, and nothing has to be read.
  const doubtful = changed.filter(({ work, told }) => work.told !== told);
  const earlier = await records.earlierVerdicts(doubtful.flatMap(({ work }) => work.verdict ?? []));
  const rows = changed.map((each) => {
    const before = earlier.get(each.work.verdict ?? "");
    return {
      ...each,
      id: deps.newVerdictId(),
      correction: before === undefined ? null : corrected(deps, before, each),
    };
  });
  await records.save(rows);
  const hasMoved = changed.some(({ work, planned }) => !isSameSpan(work.planned, planned));
  return { dealtWith: waiting.length, last: { at: last.dueAt, id: last.id }, hasMoved };
}

/** Null as well when what was promised lies outside of what can be judged now: the clock was set. */
function corrected(deps: RejudgeDeps, before: Earlier, { verdict, facts }: Judged): Correction | null {
  const judgeAt = (instant: Temporal.Instant): Verdict =>
    isBefore(instant, facts.horizon) ? deps.judge({ ...facts, at: instant }) : verdict;
  return correctionOf(before, verdict, judgeAt);
}

/** Null when it cannot be judged: one such row must not hold up the others, and the sweep reports it. */
function judgeWork(deps: RejudgeDeps, known: KnownFacts, work: DueWork, at: Temporal.Instant): Judged | null {
  try {
    return judgedNow(deps, known, work, at);
  } catch {
    return null;
  }
}

function judgedNow(deps: RejudgeDeps, known: KnownFacts, work: DueWork, at: Temporal.Instant): Judged {
  const facts = known.factsFor({ ...work.subject, onBehalfOf: work.id }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  return {
    work,
    at,
    verdict,
    facts,
    seen: deps.fingerprint(facts, verdict),
    told: toldText(verdict),
    nextCheckAt: nextCheck(verdict, at),
    planned: plannedSpan(verdict, { at, horizon: facts.horizon, agreed: facts.agreedSlot, before: work.planned }),
  };
}
