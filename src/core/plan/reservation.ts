import { compareInstants, type Span } from "#core/span.ts";

/** A team has an environment, or places of a shared resource, for a span. */
export interface Reservation {
  readonly id: string;
  /** `environment:prod`, as the key of its lock, or `resource:orders-db`. */
  readonly place: string;
  readonly team: string;
  /** Person. */
  readonly by: string;
  readonly reason: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  /** Which of the places it has, from 1; an environment has one. */
  readonly seats: readonly number[];
  /** It asked for this instant and stands behind others: it moves forward when they let go. null: it stays where it is. */
  readonly notBefore: Temporal.Instant | null;
}

/** What is asked for. */
export interface Wish {
  readonly span: Span;
  /** How many of the places. */
  readonly seats: number;
}

/** Another way to what is asked for, with its dates. */
export interface ReservationOption {
  /** `later` and `earlier`: whole, at another time. `shorter`: what is free of the span asked for. `split`: in two parts. */
  readonly kind: "later" | "earlier" | "shorter" | "split";
  readonly spans: readonly Span[];
}

/** The lock of an environment and the reservations of it have one key, so whoever looks at the one finds the other. */
export function reservedResource(resource: string): string {
  return `resource:${resource}`;
}

type Taken = Pick<Reservation, "from" | "to" | "seats">;

/** Shorter parts help nobody. */
const leastPartMs = 15 * 60_000;

/** The lowest places that are free for the whole span; null when there are too few. */
export function freeSeats(taken: readonly Taken[], capacity: number, { span, seats }: Wish): readonly number[] | null {
  const used = new Set(taken.filter((one) => overlaps(one, span)).flatMap((one) => one.seats));
  const free = Array.from({ length: capacity }, (_, place) => place + 1).filter((seat) => !used.has(seat));
  return free.length < seats ? null : free.slice(0, seats);
}

/** Spans that only touch are not in each other's way: both are half-open. */
export function overlaps(a: Span, b: Span): boolean {
  return compareInstants(a.from, b.to) < 0 && compareInstants(b.from, a.to) < 0;
}

/** The earliest span of this length, not before an instant, with enough places for the whole of it. */
export function nextFree(
  taken: readonly Taken[],
  capacity: number,
  { span, seats }: Wish,
  notBefore: Temporal.Instant,
): Span {
  const starts = [notBefore, ...taken.map(({ to }) => to).filter((to) => compareInstants(to, notBefore) > 0)];
  const found = starts
    .toSorted((a, b) => compareInstants(a, b))
    .map((from) => moved(span, from))
    .find((one) => freeSeats(taken, capacity, { span: one, seats }) !== null);
  if (found === undefined) throw new Error("behind the last reservation everything is free");
  return found;
}

function moved({ from, to }: Span, start: Temporal.Instant): Span {
  return { from: start, to: start.add(from.until(to)) };
}

/**
 * Dated ways out for whoever finds the span taken: nothing of the list is promised before it is reserved. None begins
 * before `now`; an option that says the same as another is left out.
 */
export function optionsFor(
  taken: readonly Taken[],
  capacity: number,
  wish: Wish,
  now: Temporal.Instant,
): readonly ReservationOption[] {
  const earlier = lastFreeBefore(taken, capacity, wish, now);
  const parts = freeParts(taken, capacity, wish);
  const [longest] = parts.toSorted((a, b) => lengthMs(b) - lengthMs(a));
  return [
    { kind: "later", spans: [nextFree(taken, capacity, wish, wish.span.from)] },
    ...(earlier === null ? [] : [{ kind: "earlier", spans: [earlier] } as const]),
    ...(longest === undefined ? [] : [{ kind: "shorter", spans: [longest] } as const]),
    ...(longest === undefined ? [] : [{ kind: "split", spans: splitAfter(taken, capacity, wish, longest) } as const]),
  ];
}

function lastFreeBefore(taken: readonly Taken[], capacity: number, wish: Wish, now: Temporal.Instant): Span | null {
  const length = wish.span.from.until(wish.span.to);
  const ends = taken.map(({ from }) => from).filter((from) => compareInstants(from, wish.span.to) < 0);
  const found = ends
    .toSorted((a, b) => compareInstants(b, a))
    .map((to) => ({ from: to.subtract(length), to }))
    .find((span) => compareInstants(span.from, now) >= 0 && freeSeats(taken, capacity, { ...wish, span }) !== null);
  return found ?? null;
}

/** What of the span has enough places; in order, none shorter than helps. */
function freeParts(taken: readonly Taken[], capacity: number, { span, seats }: Wish): readonly Span[] {
  const inside = taken.filter((one) => overlaps(one, span)).flatMap(({ from, to }) => [from, to]);
  const isInside = (at: Temporal.Instant): boolean =>
    compareInstants(at, span.from) > 0 && compareInstants(at, span.to) < 0;
  const borders = [span.from, ...inside.filter(isInside), span.to].toSorted((a, b) => compareInstants(a, b));
  const parts: Span[] = [];
  for (const [place, from] of borders.entries()) {
    const to = borders[place + 1];
    if (to === undefined || compareInstants(from, to) === 0) continue;
    if (freeSeats(taken, capacity, { span: { from, to }, seats }) === null) continue;
    const last = parts.at(-1);
    if (last !== undefined && compareInstants(last.to, from) === 0) parts[parts.length - 1] = { from: last.from, to };
    else parts.push({ from, to });
  }
  return parts.filter((part) => lengthMs(part) >= leastPartMs);
}

/** The part that is free, and what is left of the time at the next place behind it that holds it. */
function splitAfter(taken: readonly Taken[], capacity: number, wish: Wish, part: Span): readonly Span[] {
  const left = wish.span.from.until(wish.span.to).subtract(part.from.until(part.to));
  const rest: Wish = { ...wish, span: { from: part.to, to: part.to.add(left) } };
  return [part, nextFree(taken, capacity, rest, part.to)];
}

function lengthMs({ from, to }: Span): number {
  return to.epochMilliseconds - from.epochMilliseconds;
}

/** A reservation that stands earlier than before, because somebody has let go. */
export interface PulledForward {
  readonly reservation: Reservation;
  readonly span: Span;
  readonly seats: readonly number[];
}

/**
 * Those that stand behind others, in the order in which they asked, as far forward as they fit now: never before the
 * instant that they asked for, never before `now`, never over anybody else. What has begun stays.
 */
export function pulledForward(
  open: readonly Reservation[],
  capacity: number,
  now: Temporal.Instant,
): readonly PulledForward[] {
  let standing = open;
  const found: PulledForward[] = [];
  for (const one of open) {
    if (one.notBefore === null || compareInstants(one.from, now) <= 0) continue;
    const others = standing.filter(({ id }) => id !== one.id);
    const earliest = compareInstants(one.notBefore, now) > 0 ? one.notBefore : now;
    const wish = { span: { from: one.from, to: one.to }, seats: one.seats.length };
    const span = nextFree(others, capacity, wish, earliest);
    const seats = freeSeats(others, capacity, { ...wish, span });
    if (seats === null || compareInstants(span.from, one.from) >= 0) continue;
    found.push({ reservation: one, span, seats });
    standing = [...others, { ...one, ...span, seats }];
  }
  return found;
}
