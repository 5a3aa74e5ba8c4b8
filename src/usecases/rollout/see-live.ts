import { latencyBoundsMs, type Deployer, type Traffic } from "#connectors/port.ts";
import { countersAsSeries } from "#core/criteria/own-counters.ts";
import type { Facts } from "#core/policy/facts.ts";
import { latencyMinutesOf, minutesOf } from "#core/rollout/live-steps.ts";
import { isByMinute, isOfMetric, type Steps, type Trigger } from "#core/rollout/triggers.ts";
import type { Watch } from "#core/rollout/watch.ts";
import type { LiveWatch, WatchMemory } from "#usecases/rollout/watch-records.ts";

/** What the target said; null where it did not answer. */
export interface SeenTarget {
  readonly traffic: Traffic | null;
  /** 0: ready with all the traffic and the digest that went live · 1: anything else. */
  readonly unhealthy: number | null;
  /** It is well but for its share of the traffic. */
  readonly lacksShare: boolean;
}

type Memory = Pick<WatchMemory, "liveSecond" | "newest" | "budgetLeft">;

export function allTriggers({ triggers, stabilisation }: Watch): readonly Trigger[] {
  return [...triggers, ...(stabilisation?.alerts ?? [])];
}

/** Asked at the target, outside of any transaction. Whatever fails is not known. */
export async function seeTarget(
  deployer: Pick<Deployer, "traffic" | "observe">,
  { service, environment, version, digest, watch, memory }: LiveWatch,
): Promise<SeenTarget> {
  const target = { service, environment };
  const minutes = Math.max(0, ...allTriggers(watch).map(({ of }) => of)) + 1;
  const since = memory.newest === null ? 0 : memory.newest.second - minutes * 60;
  const [traffic, seen] = await Promise.all([deployer.traffic({ ...target, since }), deployer.observe(target)]);
  const live = seen.ok ? seen.value.versions.find((one) => one.version === version) : undefined;
  const isUp = live?.state === "ready" && live.digest === digest;
  const isWell = isUp && live.percent === 100;
  const unhealthy = seen.ok ? (isWell ? 0 : 1) : null;
  return { traffic: traffic.ok ? traffic.value : null, unhealthy, lacksShare: isUp && !isWell };
}

/** A share that the next version has is no illness of this one: while a run moves it nobody knows. */
export function withoutMoves(
  target: SeenTarget,
  live: Pick<LiveWatch, "service" | "environment">,
  running: readonly { readonly subject: Pick<LiveWatch, "service" | "environment"> }[],
): SeenTarget {
  const isMoved = running.some(
    ({ subject }) => subject.service === live.service && subject.environment === live.environment,
  );
  return target.lacksShare && isMoved ? { ...target, unhealthy: null } : target;
}

/** A target whose counts stand still for longer has lost its proxy, whatever it answers. */
const stillAfterSeconds = 30;

/** What is known of the counts after this answer, and whether it may be judged. */
export function withTraffic(
  live: LiveWatch,
  traffic: Traffic | null,
  at: Temporal.Instant,
): { readonly memory: Memory; readonly isFresh: boolean } {
  const { memory, liveAt } = live;
  if (traffic === null) return { memory, isFresh: false };
  const second = traffic.completeBefore;
  const liveSecond = memory.liveSecond ?? second - Math.max(0, Math.floor(liveAt.until(at).total("seconds")));
  if (memory.newest !== null && second <= memory.newest.second) {
    const still = Temporal.Instant.from(memory.newest.at).until(at).total("seconds");
    return { memory: { ...memory, liveSecond }, isFresh: second === memory.newest.second && still < stillAfterSeconds };
  }
  return { memory: { ...memory, liveSecond, newest: { second, at: at.toString() } }, isFresh: true };
}

/** Steps of triggers without a metric, from what the target said and what was reported. Absent: nobody knows. */
export function stepsOf(
  live: LiveWatch,
  target: SeenTarget,
  isFresh: boolean,
  facts: Pick<Facts, "evidence" | "errorBudget"> | null,
): Readonly<Record<string, Steps>> {
  const asked = allTriggers(live.watch).filter((trigger) => !isOfMetric(trigger));
  const entries = asked.map((trigger): readonly [string, Steps] => {
    if (isByMinute(trigger)) return [trigger.name, isFresh ? minuteSteps(live, target.traffic, trigger) : []];
    if (trigger.kind === "health") return [trigger.name, [target.unhealthy]];
    return [trigger.name, [facts === null ? null : reported(live, trigger, facts)]];
  });
  return Object.fromEntries(entries);
}

function minuteSteps({ memory, version }: LiveWatch, traffic: Traffic | null, trigger: Trigger): Steps {
  const { liveSecond } = memory;
  if (traffic === null || liveSecond === null) return [];
  const until = traffic.completeBefore;
  if (trigger.kind === "latency") {
    const seconds = traffic.seconds.filter((counted) => counted.version === version);
    return latencyMinutesOf({ seconds, boundsMs: latencyBoundsMs }, trigger, { liveSecond, until });
  }
  const asked = { span: { from: liveSecond, until }, unit: "", boundsMs: latencyBoundsMs };
  const { series } = countersAsSeries(traffic, "errors-percent", asked);
  const own = series.find(({ labels }) => labels["version"] === version) ?? null;
  return minutesOf(own, trigger, { liveSecond, until });
}

/** What was reported since it went live; a report of before says nothing about it. */
function reported(
  { memory, liveAt }: LiveWatch,
  trigger: Trigger,
  { evidence, errorBudget }: Pick<Facts, "evidence" | "errorBudget">,
): number | null {
  const isSince = ({ at }: { readonly at: Temporal.Instant }): boolean => Temporal.Instant.compare(at, liveAt) >= 0;
  if (trigger.kind === "budget") {
    if (errorBudget === null || errorBudget === "assumed" || memory.budgetLeft === null) return null;
    if (errorBudget.silentSince !== undefined || !isSince(errorBudget)) return null;
    return Math.max(0, (memory.budgetLeft - errorBudget.left) * 100);
  }
  if (evidence === "assumed") return null;
  const [newest] = evidence
    .filter((one) => one.kind === trigger.evidence && isSince(one))
    .toSorted((a, b) => Temporal.Instant.compare(b.at, a.at));
  if (newest === undefined || newest.outcome === "not-enough") return null;
  const { outcome, value } = newest;
  // What failed and has found nothing has not looked.
  if (outcome === "fail") return value === 0 ? null : (value ?? trigger.above + 1);
  return value ?? 0;
}

/** Whether anything has to be read from the store for its triggers. */
export function needsFacts(watch: Watch): boolean {
  return allTriggers(watch).some(({ kind }) => kind === "integrity" || kind === "budget");
}
