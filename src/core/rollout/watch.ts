import { matchesScope, type Scope, type ScopeSubject } from "#core/catalog/scope.ts";
import type { Stabilisation } from "#core/rollout/stabilisation.ts";
import { isByMinute, isCalm, standingOf, type Standing, type Steps, type Trigger } from "#core/rollout/triggers.ts";

/**
 * What is watched once a version is live (document of kind `Watch`): triggers of one shape, armed for a window in which
 * they take the version back by themselves. After it, and for limits that are only tighter than usual, they alert.
 */
export interface Watch {
  readonly name: string;
  readonly scope: Scope;
  /** Highest first; the first that matches applies. */
  readonly priority: number;
  /** For so long after going live a trigger takes the version back. */
  readonly armedSeconds: number;
  readonly triggers: readonly Trigger[];
  /** null: nothing more than the window. */
  readonly stabilisation: Stabilisation | null;
}

export function watchFor(watches: readonly Watch[], subject: ScopeSubject): Watch | null {
  const [best] = watches
    .filter(({ scope }) => matchesScope(scope, subject))
    .toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  return best ?? null;
}

/** Plain data: kept between two looks. Instants are ISO 8601. */
export interface WatchState {
  /** `fired`: it was taken back · `over`: nothing is watched any more. */
  readonly phase: "armed" | "alerting" | "fired" | "over";
  /** Steps of triggers that have one per look, by name. */
  readonly looks: Readonly<Record<string, Steps>>;
  /** Triggers that stand in breach and were told. */
  readonly told: readonly string[];
  /** When something was known last; the metrics are away since then. */
  readonly seenAt: string;
  readonly isBlind: boolean;
  /** How each trigger stood at the last look. */
  readonly standings: Readonly<Record<string, Standing>>;
}

export function armedState(liveAt: Temporal.Instant): WatchState {
  return { phase: "armed", looks: {}, told: [], seenAt: liveAt.toString(), isBlind: false, standings: {} };
}

/** Nobody has been told anything for so long: the metrics count as away. */
const blindAfterSeconds = 60;

/** What one look has found. */
export interface Seen {
  readonly at: Temporal.Instant;
  /** By trigger: all minutes up to now, or the value of this look alone. Absent: nobody knows. */
  readonly steps: Readonly<Record<string, Steps>>;
}

export interface WatchSpan {
  readonly liveAt: Temporal.Instant;
  readonly armedUntil: Temporal.Instant;
  readonly watchedUntil: Temporal.Instant;
}

export type WatchAct =
  | { readonly kind: "roll-back"; readonly trigger: Trigger }
  | { readonly kind: "alert" | "calm"; readonly trigger: Trigger }
  | { readonly kind: "blind" | "sighted" | "disarmed" | "over" };

/**
 * The next state after a look, and what is to be done: pure, so that a repeated look comes to the same end. Only a breach
 * that is known takes anything back: metrics that are away hold the position, whatever was seen before.
 */
export function lookAtLive(
  watch: Watch,
  span: WatchSpan,
  state: WatchState,
  { at, steps }: Seen,
): { readonly state: WatchState; readonly acts: readonly WatchAct[] } {
  if (state.phase === "fired" || state.phase === "over") return { state, acts: [] };
  const isArmed = Temporal.Instant.compare(at, span.armedUntil) < 0;
  const looks = withLooks(watch, state, steps);
  const alerts = watch.stabilisation?.alerts ?? [];
  const judged = [...watch.triggers, ...alerts].map((trigger) => {
    const own = (isByMinute(trigger) ? steps : looks)[trigger.name] ?? [];
    return { trigger, standing: standingOf(trigger, own), isCalm: isCalm(trigger, own) };
  });
  const standings = Object.fromEntries(judged.map(({ trigger, standing }) => [trigger.name, standing]));
  const breached = judged.filter(({ standing }) => standing === "breached").map(({ trigger }) => trigger);
  // A breach that was answered already, though by nobody's taking it back, is asked about once until it is over.
  const firing = isArmed
    ? breached.find((trigger) => watch.triggers.includes(trigger) && !state.told.includes(trigger.name))
    : undefined;
  const sight = sightOf(state, at, steps);
  const next = { ...state, ...sight.state, looks, standings };
  if (firing !== undefined) {
    return { state: { ...next, phase: "fired" }, acts: [...sight.acts, { kind: "roll-back", trigger: firing }] };
  }
  const news = breached.filter(({ name }) => !state.told.includes(name));
  const calm = judged.filter((one) => one.isCalm && state.told.includes(one.trigger.name));
  const told = [...state.told, ...news.map(({ name }) => name)].filter(
    (name) => !calm.some(({ trigger }) => trigger.name === name),
  );
  const isOver = Temporal.Instant.compare(at, span.watchedUntil) >= 0;
  const phase = isOver ? "over" : isArmed ? "armed" : "alerting";
  const acts: readonly WatchAct[] = [
    ...sight.acts,
    ...(state.phase === "armed" && !isArmed ? [{ kind: "disarmed" } as const] : []),
    ...news.map((trigger): WatchAct => ({ kind: "alert", trigger })),
    ...calm.map(({ trigger }): WatchAct => ({ kind: "calm", trigger })),
    ...(isOver ? [{ kind: "over" } as const] : []),
  ];
  return { state: { ...next, phase, told }, acts };
}

/** The steps of looks, with this one: at most as many as a trigger counts. */
function withLooks(watch: Watch, state: WatchState, steps: Seen["steps"]): WatchState["looks"] {
  const all = [...watch.triggers, ...(watch.stabilisation?.alerts ?? [])].filter((trigger) => !isByMinute(trigger));
  return Object.fromEntries(
    all.map(({ name, of }) => [name, [...(state.looks[name] ?? []), steps[name]?.at(-1) ?? null].slice(-of)]),
  );
}

/** Something is known when any step of this look is. */
function sightOf(
  state: WatchState,
  at: Temporal.Instant,
  steps: Seen["steps"],
): { readonly state: Pick<WatchState, "seenAt" | "isBlind">; readonly acts: readonly WatchAct[] } {
  const isSeen = Object.values(steps).some((one) => (one.at(-1) ?? null) !== null);
  if (isSeen) {
    const acts = state.isBlind ? [{ kind: "sighted" } as const] : [];
    return { state: { seenAt: at.toString(), isBlind: false }, acts };
  }
  const dark = Temporal.Instant.from(state.seenAt).until(at).total("seconds");
  const isBlind = dark >= blindAfterSeconds;
  const acts = isBlind && !state.isBlind ? [{ kind: "blind" } as const] : [];
  return { state: { seenAt: state.seenAt, isBlind }, acts };
}
