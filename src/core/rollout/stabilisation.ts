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

export interface ExpectedCheckIn {
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
): readonly ExpectedCheckIn[] {
  if (checkInSeconds === null) return [];
  const missed: ExpectedCheckIn[] = [];
  for (let number = 1; ; number++) {
    const due = span.liveAt.add({ seconds: number * checkInSeconds });
    const late = due.add({ seconds: graceSeconds });
    if (isAfter(due, span.endsAt) || isAfter(late, at)) return missed;
    const since = countsSince(number, span.liveAt, checkInSeconds);
    const isGiven = given.some((moment) => isAfter(moment, since) && !isAfter(moment, late));
    if (!isGiven) missed.push({ number, due });
  }
}

/** One that comes within the grace of the one before counts for that one. */
function countsSince(number: number, liveAt: Temporal.Instant, checkInSeconds: number): Temporal.Instant {
  return number === 1 ? liveAt : liveAt.add({ seconds: (number - 1) * checkInSeconds + graceSeconds });
}

/**
 * The newest one that is due and that nobody has given; null: none. A late one is asked for until it is given or the
 * next one is due. `late` is when somebody else is told.
 */
export function dueCheckIn(
  { checkInSeconds }: Pick<Stabilisation, "checkInSeconds">,
  { liveAt, endsAt }: { readonly liveAt: Temporal.Instant; readonly endsAt: Temporal.Instant },
  given: readonly Temporal.Instant[],
  at: Temporal.Instant,
): (ExpectedCheckIn & { readonly late: Temporal.Instant }) | null {
  if (checkInSeconds === null) return null;
  const reached = isAfter(at, endsAt) ? endsAt : at;
  const number = Math.floor(liveAt.until(reached).total("seconds") / checkInSeconds);
  if (number < 1) return null;
  const since = countsSince(number, liveAt, checkInSeconds);
  if (given.some((moment) => isAfter(moment, since))) return null;
  const due = liveAt.add({ seconds: number * checkInSeconds });
  return { number, due, late: due.add({ seconds: graceSeconds }) };
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
  missed: readonly ExpectedCheckIn[],
): readonly ExitCriterion[] {
  const limits = [...triggers, ...plan.alerts].map(({ name }): ExitCriterion => {
    const standing = standings[name] ?? "unknown";
    const said = { quiet: "within its limit", breached: "beyond its limit", unknown: "not known" }[standing];
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
