import type { Measured } from "#core/criteria/believe.ts";
import { newestSecond } from "#core/criteria/series.ts";
import { measuredSteps, spanToAsk, type MeasuredTrigger } from "#core/rollout/measured.ts";
import { isOfMetric, type MetricTrigger, type Steps } from "#core/rollout/triggers.ts";
import { askSource, type MetricDeps } from "#usecases/criteria/look-at-criterion.ts";
import { allTriggers } from "#usecases/rollout/see-live.ts";
import type { LiveWatch } from "#usecases/rollout/watch-records.ts";

export interface MeasureDeps extends MetricDeps {
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What the sources of the triggers with a metric say at one look. */
export interface MeasuredLive {
  readonly steps: Readonly<Record<string, Steps>>;
  readonly measured: Readonly<Record<string, MeasuredTrigger>>;
  /** Second of this machine's clock from which the version was live. */
  readonly wallLiveSecond: number;
}

/** Other systems collect their points every five seconds or more. */
const askEveryMs = 5_000;
/** A source that answers at once is judged in the look that asked it; nobody waits longer for it. */
const graceMs = 200;
/** What nobody has looked at for so long is watched by somebody else, or not any more. */
const forgetAfterMs = 10 * 60 * 1000;

/** The last answer of a source to one trigger of one live version, and the question that is under way. */
interface Seat {
  answer: Measured | null;
  underWay: Promise<void> | null;
  dueAtMs: number;
  usedAtMs: number;
}

/**
 * Asks the sources beside the looks: one that hangs keeps nobody waiting, and what it said last is judged by its age. Answers
 * are kept in memory only; after a restart they are asked for anew.
 */
export function makeMeasureLive(deps: MeasureDeps): (live: LiveWatch, at: Temporal.Instant) => Promise<MeasuredLive> {
  const seats = new Map<string, Seat>();
  return async (live, at) => {
    const nowMs = deps.wallNow().epochMilliseconds;
    const nowSecond = Math.floor(nowMs / 1000);
    const wallLiveSecond =
      live.memory.wallLiveSecond ?? nowSecond - Math.max(0, Math.floor(live.liveAt.until(at).total("seconds")));
    const span = { nowSecond, liveSecond: wallLiveSecond };
    const triggers = allTriggers(live.watch).filter(isOfMetric);
    const sat = triggers.map((trigger) => ({ trigger, seat: seatOf(seats, live, trigger, nowMs) }));
    const begun = sat.flatMap(({ trigger, seat }) => {
      if (isOvertaken(seat, live, trigger)) {
        seat.answer = null;
        seat.dueAtMs = 0;
      }
      if (seat.underWay !== null || seat.dueAtMs > nowMs) return [];
      seat.dueAtMs = nowMs + askEveryMs;
      seat.underWay = ask(deps, live, trigger, span).then((answer) => {
        seat.answer = answer;
        seat.underWay = null;
      });
      return [seat.underWay];
    });
    if (begun.length > 0) await Promise.race([Promise.all(begun), deps.pause(graceMs)]);
    forget(seats, nowMs);
    const looked = sat.map(({ trigger, seat: { answer } }) => {
      const memory = live.memory.measured?.[trigger.name]?.memory ?? null;
      return { name: trigger.name, ...measuredSteps(trigger, { answer, version: live.version, memory, ...span }) };
    });
    return {
      steps: Object.fromEntries(looked.map(({ name, steps }) => [name, steps])),
      measured: Object.fromEntries(looked.map(({ name, measured }) => [name, measured])),
      wallLiveSecond,
    };
  };
}

/** Another worker has seen more meanwhile: what is known here is old, which is no clock that jumped back. */
function isOvertaken({ answer }: Seat, { memory }: LiveWatch, { name }: MetricTrigger): boolean {
  const known = memory.measured?.[name]?.memory?.newest ?? null;
  const newest = answer?.ok === true ? newestSecond(answer.value) : null;
  return known !== null && newest !== null && newest < known;
}

function seatOf(seats: Map<string, Seat>, live: LiveWatch, { name }: MetricTrigger, nowMs: number): Seat {
  const key = `${live.deployment} ${name}`;
  const seat = seats.get(key) ?? { answer: null, underWay: null, dueAtMs: 0, usedAtMs: nowMs };
  seat.usedAtMs = nowMs;
  seats.set(key, seat);
  return seat;
}

function forget(seats: Map<string, Seat>, nowMs: number): void {
  for (const [key, { usedAtMs }] of seats) if (nowMs - usedAtMs > forgetAfterMs) seats.delete(key);
}

function ask(
  deps: MeasureDeps,
  { service, environment, version }: LiveWatch,
  trigger: MetricTrigger,
  at: { readonly nowSecond: number; readonly liveSecond: number },
): Promise<Measured> {
  const span = spanToAsk(trigger, at);
  return askSource(
    deps,
    { ...trigger.metric, windowSeconds: trigger.of * 60 },
    { service, environment, version },
    span,
  );
}
