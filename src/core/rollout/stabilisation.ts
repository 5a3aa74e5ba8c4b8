import type { Standing, Trigger } from "#core/rollout/triggers.ts";

/** The time after going live in which a service is looked after more closely than usual. */
export interface Stabilisation {
  readonly lastsSeconds: number;
  /** Tighter limits; they alert and take nothing back. */
  readonly alerts: readonly Trigger[];
  /** Person, team or role that looks after it; null: nobody is named. */
  readonly watcher: string | null;
  /** The watcher says how it goes this often; null: nobody is asked. */
  readonly checkInSeconds: number | null;
  /** Who is told when a check-in is missed. */
  readonly escalate: string | null;
}

/** How late a check-in may be before somebody else is told. */
const graceSeconds = 600;

/** The longest it is prolonged without anybody's decision: then it ends unproven, and says so. */
export const maxProlongations = 24;

export interface MissedCheckIn {
  /** Which one, counted from going live. */
  readonly number: number;
  readonly due: Temporal.Instant;
}

/** Check-ins whose grace is over and that nobody has given; each is due at its hour, counted from going live. */
export function missedCheckIns(
  { checkInSeconds }: Pick<Stabilisation, "checkInSeconds">,
  span: { readonly liveAt: Temporal.Instant; readonly endsAt: Temporal.Instant },
  given: readonly Temporal.Instant[],
  at: Temporal.Instant,
): readonly MissedCheckIn[] {
  if (checkInSeconds === null) return [];
  const missed: MissedCheckIn[] = [];
  for (let number = 1; ; number++) {
    const due = span.liveAt.add({ seconds: number * checkInSeconds });
    const late = due.add({ seconds: graceSeconds });
    if (isAfter(due, span.endsAt) || isAfter(late, at)) return missed;
    // One that comes within the grace of the one before counts for that one.
    const since = number === 1 ? span.liveAt : late.subtract({ seconds: checkInSeconds });
    const isGiven = given.some((moment) => isAfter(moment, since) && !isAfter(moment, late));
    if (!isGiven) missed.push({ number, due });
  }
}

/** The next one that is expected; null: none before the end. */
export function nextCheckIn(
  { checkInSeconds }: Pick<Stabilisation, "checkInSeconds">,
  span: { readonly liveAt: Temporal.Instant; readonly endsAt: Temporal.Instant },
  given: readonly Temporal.Instant[],
  at: Temporal.Instant,
): Temporal.Instant | null {
  if (checkInSeconds === null) return null;
  for (let number = 1; ; number++) {
    const due = span.liveAt.add({ seconds: number * checkInSeconds });
    if (isAfter(due, span.endsAt)) return null;
    const since = span.liveAt.add({ seconds: (number - 1) * checkInSeconds });
    if (isAfter(due, at) && !given.some((moment) => isAfter(moment, since))) return due;
  }
}

function isAfter(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}

/** One thing that has to be so before a stabilisation ends. */
export interface ExitCriterion {
  readonly name: string;
  readonly isGreen: boolean;
  readonly sentence: string;
}

export interface CheckIn {
  readonly at: Temporal.Instant;
  readonly person: string;
  readonly isWell: boolean;
  readonly sentence: string;
}

/** All of them green ends it; what nobody knows is not green (semantics §7). */
export function exitCriteria(
  plan: Stabilisation,
  triggers: readonly Trigger[],
  { standings }: { readonly standings: Readonly<Record<string, Standing>> },
  given: readonly CheckIn[],
  missed: readonly MissedCheckIn[],
): readonly ExitCriterion[] {
  const limits = [...triggers, ...plan.alerts].map(({ name }): ExitCriterion => {
    const standing = standings[name] ?? "unknown";
    const said = { quiet: "within its limit", breached: "above its limit", unknown: "not known" }[standing];
    return { name, isGreen: standing === "quiet", sentence: `${name} is ${said}.` };
  });
  if (plan.checkInSeconds === null) return limits;
  const last = given.at(-1);
  const isWell = last?.isWell === true && missed.length === 0;
  const sentence =
    last === undefined
      ? "Nobody has said how it goes."
      : missed.length > 0
        ? `${missed.length} check-ins were missed.`
        : `${last.person} said last: ${last.isWell ? "all is well" : last.sentence}.`;
  return [...limits, { name: "check-ins", isGreen: isWell, sentence }];
}
