import { can } from "#core/access/can.ts";
import type { Person } from "#core/catalog/people.ts";
import { sayDuration } from "#core/policy/say.ts";
import { isMeant } from "#core/release/hold.ts";
import { expiresAt, mayDecide, mustAnswer, type RollbackDecision } from "#core/rollback/decision.ts";
import { mayState } from "#core/rollback/may-state.ts";
import { dueCheckIn, type CheckIn } from "#core/rollout/stabilisation.ts";
import { isOfWith } from "#usecases/rollback/audience.ts";
import { deploymentOf, sayOption } from "#usecases/rollback/open-decision.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { LiveAsk } from "#usecases/rollout/live-ask.ts";
import { askedOfRuns } from "#usecases/rollout/run-asks.ts";
import type { LiveWatch, WatchNotice } from "#usecases/rollout/watch-records.ts";

/** More than a person can do something about. */
const maxDecisions = 200;
const maxWatches = 100;

interface LiveAskDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/** Decisions first, those that run out first before others, then those of runs; then what is live, the newest first. */
export function makeListLiveAsks(deps: LiveAskDeps): (person: Person) => Promise<readonly LiveAsk[]> {
  return (person) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const decisions = await askedDecisions(records, person, at);
      const live = await records.watches.concerning([person.name, ...person.teams, ...person.roles], maxWatches);
      const asks: LiveAsk[] = [...decisions, ...(await askedOfRuns(records, person))];
      for (const watch of live) asks.push(...(await askedOfWatch(records, watch, person, at)));
      return asks;
    });
}

async function askedDecisions(records: Records, person: Person, at: Temporal.Instant): Promise<readonly LiveAsk[]> {
  const open = await records.rollbackDecisions.allOpen(maxDecisions);
  if (open.length === 0) return [];
  const isOf = isOfWith((await records.catalog.inForce()).people);
  const asks: LiveAsk[] = [];
  for (const decision of open) {
    const kind = wantedOf(decision, person, at, isOf);
    const deployment = kind === null ? null : await records.deployments.find(deploymentOf(decision.deployment));
    if (kind === null || deployment === null) continue;
    const { service, version, environment } = deployment.subject;
    const sentence = `${service}@${version} in ${environment}: ${decision.because} ${wanted[kind](decision)}`;
    const about = { kind, deployment: deployment.id, service, version, environment, sentence };
    asks.push({ ...about, since: decision.openedAt, until: expiresAt(decision) });
  }
  return asks.toSorted((a, b) => Temporal.Instant.compare(a.until ?? a.since, b.until ?? b.since));
}

function wantedOf(
  decision: RollbackDecision,
  person: Person,
  at: Temporal.Instant,
  isOf: (name: string, person: string) => boolean,
): "decide" | "answer" | null {
  const isDecider = mayDecide(decision.protocol, (name) => isMeant(name, person));
  if (isDecider && can({ person }, "deployment.decide").allowed) return "decide";
  return mayState(decision.protocol, person).allowed && mustAnswer(decision, at, person.name, isOf) ? "answer" : null;
}

const wanted = {
  decide: ({ cause, protocol }: RollbackDecision): string =>
    `Decide, or ${sayOption(cause, protocol.whenSilent)} by itself.`,
  answer: ({ protocol: { downtime } }: RollbackDecision): string =>
    `Going back takes the service away${downtime === null ? "" : ` for ${sayDuration(downtime)}`}: say what your business needs.`,
} as const;

async function askedOfWatch(
  records: Records,
  live: LiveWatch,
  person: Person,
  at: Temporal.Instant,
): Promise<readonly LiveAsk[]> {
  const { deployment, service, version, environment } = live;
  const about = { deployment, service, version, environment };
  const checkIns = await records.watches.checkIns(deployment);
  const expected = expectedOf(live, checkIns, at);
  const notices = await records.watches.told(deployment);
  const told = standingNotices(live, notices, {
    lateNumber: expected?.isLate === true ? expected.number : null,
    isUnwell: checkIns.at(-1)?.isWell === false,
  }).filter(({ recipient }) => isMeant(recipient, person));
  // A person is told once, as themselves, of their team, or in their role.
  const once = new Map(told.map(({ key, at: since, sentence }) => [key, { since, sentence }]));
  const standing = [...once.values()].map((one): LiveAsk => ({ ...about, ...one, kind: "notice", until: null }));
  if (expected === null || !isMeant(expected.watcher, person) || !can({ person }, "task.answer").allowed) {
    return standing;
  }
  const { isLate, due: since, late } = expected;
  const sentence = `${service}@${version} in ${environment}: say how it does. A check-in is ${isLate ? "late" : "due"}.`;
  return [{ ...about, kind: "check-in", sentence, since, until: isLate ? null : late }, ...standing];
}

/** The check-in that is due and not given; null: none, or nobody is named who gives it. */
function expectedOf({ watch, liveAt, watchedUntil }: LiveWatch, checkIns: readonly CheckIn[], at: Temporal.Instant) {
  const { stabilisation } = watch;
  const watcher = stabilisation?.watcher ?? null;
  if (stabilisation === null || watcher === null) return null;
  const given = checkIns.map((one) => one.at);
  const due = dueCheckIn(stabilisation, { liveAt, endsAt: watchedUntil }, given, at);
  return due === null ? null : { ...due, watcher, isLate: Temporal.Instant.compare(due.late, at) <= 0 };
}

/** Keys of words that were said instead of taking a version back: once for each version. */
const insteadOfTakingBack: readonly string[] = ["decide", "no way back", "take back"];

/**
 * The notices whose reason is still there, each as it was told last: a limit in breach, nobody seeing it, a check-in that
 * is late, a watcher who says that it is not well, and a stabilisation that went on because not everything was green.
 */
export function standingNotices(
  { memory, prolonged }: Pick<LiveWatch, "memory" | "prolonged">,
  notices: readonly WatchNotice[],
  now: { readonly lateNumber: number | null; readonly isUnwell: boolean },
): readonly WatchNotice[] {
  const newest = (isAbout: (key: string) => boolean): readonly string[] => {
    const found = notices
      .filter(({ key }) => isAbout(key))
      .toSorted((a, b) => Temporal.Instant.compare(b.at, a.at))
      .map(({ key }) => key);
    return found.slice(0, 1);
  };
  const alerts = memory.told.flatMap((name) => {
    const alerted = newest((key) => key.startsWith(`alert ${name} `));
    return alerted.length > 0 ? alerted : newest((key) => insteadOfTakingBack.includes(key));
  });
  const standing = new Set([
    ...alerts,
    ...(memory.isBlind ? newest((key) => key.startsWith("blind ")) : []),
    ...(now.lateNumber === null ? [] : [`check-in ${now.lateNumber}`]),
    ...(now.isUnwell ? newest((key) => key.startsWith("said at ")) : []),
    ...(prolonged === 0 ? [] : [`prolonged ${prolonged}`]),
  ]);
  return notices.filter(({ key }) => standing.has(key));
}
