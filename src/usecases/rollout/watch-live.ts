import type { Deployer } from "#connectors/port.ts";
import { sayInstant } from "#core/policy/say.ts";
import { exitCriteria, maxProlongations, missedCheckIns } from "#core/rollout/stabilisation.ts";
import { sayLimit } from "#core/rollout/triggers.ts";
import { lookAtLive, type WatchAct } from "#core/rollout/watch.ts";
import type { MetricDeps } from "#usecases/criteria/look-at-criterion.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { lookEverySeconds } from "#usecases/rollout/arm-watch.ts";
import { followBack } from "#usecases/rollout/follow-back.ts";
import { makeMeasureLive, type MeasuredLive } from "#usecases/rollout/measure-live.ts";
import { tellWatch } from "#usecases/rollout/tell-watch.ts";
import {
  needsFacts,
  seeTarget,
  stepsOf,
  withoutMoves,
  withTraffic,
  type SeenTarget,
} from "#usecases/rollout/see-live.ts";
import { takeLiveBack } from "#usecases/rollout/take-live-back.ts";
import type { ClaimedWatch } from "#usecases/rollout/watch-records.ts";

export interface WatchLiveDeps extends AdmitDeps {
  readonly transact: Transact;
  readonly deployer: Pick<Deployer, "traffic" | "observe">;
  readonly metrics: MetricDeps;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Of one turn; the next one takes the rest. */
const maxLooks = 100;

/**
 * Looks at the live versions whose time has come, on every worker: each has one owner at a time, and what a late owner
 * saw is not stored. The decision and what it orders commit together, so that a version is taken back once.
 * Returns how many it looked at.
 */
export function makeWatchLive(deps: WatchLiveDeps): () => Promise<number> {
  const measure = makeMeasureLive({ ...deps.metrics, pause: deps.pause });
  return async () => {
    for (let looked = 0; looked < maxLooks; looked++) {
      const live = await deps.transact((records) => records.watches.claim(deps.now()));
      if (live === null) return looked;
      const [target, measured] = await Promise.all([seeTarget(deps.deployer, live), measure(live, deps.now())]);
      await deps.transact((records) => judgeLive(deps, records, live, { target, measured }));
    }
    return maxLooks;
  };
}

async function judgeLive(
  deps: WatchLiveDeps,
  records: Records,
  claimed: ClaimedWatch,
  { target, measured }: { readonly target: SeenTarget; readonly measured: MeasuredLive },
): Promise<void> {
  const at = deps.now();
  if (claimed.memory.phase === "fired") return await followBack(records, claimed, at);
  const { memory: counted, isFresh } = withTraffic(claimed, target.traffic, at);
  const facts = needsFacts(claimed.watch) ? await factsOf(records, claimed, at) : null;
  const budget = facts === null || facts.errorBudget === "assumed" ? null : (facts.errorBudget?.left ?? null);
  const { steps: bySources, ...ofSources } = measured;
  const known = { ...counted, ...ofSources, budgetLeft: counted.budgetLeft ?? budget };
  const live = { ...claimed, memory: { ...claimed.memory, ...known } };
  const running = target.lacksShare ? await records.deployments.running() : [];
  const steps = { ...stepsOf(live, withoutMoves(target, live, running), isFresh, facts), ...bySources };
  const looked = lookAtLive(live.watch, live, live.memory, { at, steps });
  const judged = { ...live, memory: { ...live.memory, ...looked.state } };
  await missCheckIns(records, judged, at);
  const ended = await endOf(records, judged, looked.acts, at);
  const isOpen = ended.memory.phase === "armed" || ended.memory.phase === "alerting";
  const next = { ...ended, lookAt: isOpen ? at.add({ seconds: lookEverySeconds }) : null };
  // Somebody else looks at it by now: what this look found is theirs to find.
  if (!(await records.watches.save(next))) return;
  if (next.prolonged > claimed.prolonged) await records.watches.stabilises({ ...next, at, until: next.watchedUntil });
  for (const act of looked.acts) if (act.kind !== "roll-back") await say(records, next, act, at);
  const firing = looked.acts.find((act) => act.kind === "roll-back");
  if (firing === undefined) return;
  if (await takeLiveBack(deps, records, next, firing.trigger, at)) {
    await records.watches.save({ ...next, lookAt: at.add({ seconds: lookEverySeconds }) });
    return;
  }
  // Nobody takes it back by itself: it is watched on, and alerts.
  const told = [...next.memory.told, firing.trigger.name];
  const memory = { ...next.memory, phase: "alerting", told, exit: null } as const;
  await records.watches.save({ ...next, memory, lookAt: at.add({ seconds: lookEverySeconds }) });
}

async function factsOf(records: Records, { deployment }: ClaimedWatch, at: Temporal.Instant) {
  const record = await records.deployments.find(deployment);
  if (record === null) return null;
  return await records.facts.load({ ...record.subject, onBehalfOf: deployment }, at, horizonOf(at));
}

/** Somebody else is told, once for each. */
async function missCheckIns(records: Records, live: ClaimedWatch, at: Temporal.Instant): Promise<void> {
  const { stabilisation } = live.watch;
  if (stabilisation?.watcher === undefined || stabilisation.watcher === null) return;
  const given = (await records.watches.checkIns(live.deployment)).map((one) => one.at);
  const span = { liveAt: live.liveAt, endsAt: live.watchedUntil };
  const last = missedCheckIns(stabilisation, span, given, at).at(-1);
  if (last === undefined) return;
  const sentence = `${stabilisation.watcher} was to say by ${sayInstant(last.due, null)} how ${live.service}@${live.version} does in ${live.environment}, and did not.`;
  const to = [stabilisation.escalate ?? stabilisation.watcher];
  await tellWatch(records, live, { key: `check-in ${last.number}`, outcome: "check-in-missed", sentence, to, at });
}

/**
 * At the end of a stabilisation all criteria have to be green. Otherwise it goes on, as long as nobody decides and no
 * longer than a bounded number of times.
 */
async function endOf(
  records: Records,
  live: ClaimedWatch,
  acts: readonly WatchAct[],
  at: Temporal.Instant,
): Promise<ClaimedWatch> {
  const { stabilisation, triggers } = live.watch;
  const exit = { at: at.toString(), by: null, reason: null, criteria: [] };
  if (!acts.some(({ kind }) => kind === "over")) return live;
  if (stabilisation === null) return { ...live, memory: { ...live.memory, exit: { ...exit, how: "window-over" } } };
  const given = await records.watches.checkIns(live.deployment);
  const span = { liveAt: live.liveAt, endsAt: live.watchedUntil };
  const missed = missedCheckIns(
    stabilisation,
    span,
    given.map((one) => one.at),
    at,
  );
  const criteria = exitCriteria(stabilisation, triggers, live.memory, given, missed);
  const isGreen = criteria.every((one) => one.isGreen);
  if (isGreen || live.prolonged >= maxProlongations) {
    const how = isGreen ? "green" : "unproven";
    return { ...live, memory: { ...live.memory, exit: { ...exit, how, criteria } } };
  }
  const watchedUntil = at.add({ seconds: stabilisation.checkInSeconds ?? 3600 });
  const red = criteria.filter((one) => !one.isGreen).map(({ sentence }) => sentence);
  const sentence = `The stabilisation of ${live.service}@${live.version} in ${live.environment} goes on until ${sayInstant(watchedUntil, null)}: ${red.join(" ")}`;
  const to = recipients(live);
  await tellWatch(records, live, { key: `prolonged ${live.prolonged + 1}`, outcome: "prolonged", sentence, to, at });
  return { ...live, memory: { ...live.memory, phase: "alerting" }, watchedUntil, prolonged: live.prolonged + 1 };
}

function recipients({ watch: { stabilisation } }: ClaimedWatch): readonly string[] {
  return stabilisation?.watcher === undefined || stabilisation.watcher === null ? [] : [stabilisation.watcher];
}

type Word = Exclude<WatchAct, { readonly kind: "roll-back" }>;

async function say(records: Records, live: ClaimedWatch, act: Word, at: Temporal.Instant): Promise<void> {
  const said = sentenceOf(live, act);
  if (said === null) return;
  const isQuiet = act.kind === "sighted" || act.kind === "disarmed";
  const { name } = "trigger" in act ? act.trigger : { name: "" };
  const key = act.kind === "over" ? "exit" : `${act.kind} ${name} ${at.toString()}`;
  const outcome = act.kind === "over" ? (live.memory.exit?.how ?? "over") : act.kind;
  await tellWatch(records, live, { key, outcome, sentence: said, to: isQuiet ? [] : recipients(live), at });
}

function sentenceOf(live: ClaimedWatch, act: Word): string | null {
  const what = `${live.service}@${live.version} in ${live.environment}`;
  switch (act.kind) {
    case "alert":
      return `${what}: ${act.trigger.name} is ${sayLimit(act.trigger)}. It is told and not taken back by itself.`;
    case "calm":
      return `${what}: ${act.trigger.name} is within its limit again.`;
    case "blind":
      return `${what}: nothing is known of it. The position is held; this is neither health nor harm.`;
    case "sighted":
      return `${what}: it can be seen again.`;
    case "disarmed":
      return `${what}: from here on limits alert and take nothing back.`;
    case "over":
      return exitSentence(live, what);
  }
}

/** null: it is not over, because not everything is green. */
function exitSentence({ memory: { exit } }: ClaimedWatch, what: string): string | null {
  if (exit === null) return null;
  if (exit.how === "green") return `${what}: the stabilisation is over, everything is green.`;
  const red = exit.criteria.filter((one) => !one.isGreen).map((one) => one.sentence);
  if (exit.how === "unproven") return `${what}: the stabilisation ends unproven. ${red.join(" ")}`;
  return `${what}: it is watched no longer.`;
}
