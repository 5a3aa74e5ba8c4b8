import { sayInstant } from "#core/policy/say.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { contains, isBefore, type Span } from "#core/span.ts";

/** What a verdict says of one of those that want to go together. */
export interface Asked {
  /** Name for a person. */
  readonly name: string;
  readonly verdict: Pick<Verdict, "decision" | "openings" | "zone"> & {
    readonly findings: readonly Pick<Verdict["findings"][number], "outcome" | "sentence">[];
  };
}

export type WindowStanding =
  | { readonly isOpen: true; readonly until: Temporal.Instant }
  | {
      readonly isOpen: false;
      /** First instant from which all may go together for long enough; null: none is known. */
      readonly from: Temporal.Instant | null;
      readonly because: readonly string[];
    };

/** More sentences nobody reads. */
const maxSentences = 10;

/**
 * Whether all may go now, together and for so many seconds (semantics §3.3): every verdict is allow, and the opening that
 * they have in common lasts long enough.
 */
export function windowAt(asked: readonly Asked[], needsSeconds: number, at: Temporal.Instant): WindowStanding {
  const common = asked.reduce<readonly Span[] | null>(
    (left, { verdict }) => (left === null ? verdict.openings : inBoth(left, verdict.openings)),
    null,
  );
  const now = common?.find((span) => contains(span, at)) ?? null;
  const isAllowed = asked.length > 0 && asked.every(({ verdict }) => verdict.decision === "allow");
  if (isAllowed && now !== null && lasts({ from: at, to: now.to }, needsSeconds))
    return { isOpen: true, until: now.to };
  const next = common?.find((span) => isBefore(at, span.from) && lasts(span, needsSeconds)) ?? null;
  const because = asked.flatMap((one) => inTheWay(one, asked.length > 1));
  if (isAllowed) because.push(tooShort(asked, now, needsSeconds));
  return { isOpen: false, from: next?.from ?? null, because: because.slice(0, maxSentences) };
}

/** The longest that all may go together within what can be seen, in seconds; null: no opening is known. */
export function longestOpening(asked: readonly Asked[]): number | null {
  const [first, ...others] = asked.map(({ verdict }) => verdict.openings);
  const common = others.reduce((left, openings) => inBoth(left, openings), first ?? []);
  const lengths = common.map(({ from, to }) => (to.epochMilliseconds - from.epochMilliseconds) / 1000);
  return lengths.length === 0 ? null : Math.max(...lengths);
}

function inTheWay({ name, verdict }: Asked, isNamed: boolean): string[] {
  if (verdict.decision === "allow") return [];
  return verdict.findings
    .filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable")
    .map(({ sentence }) => (isNamed ? `${name}: ${sentence}` : sentence));
}

function tooShort(asked: readonly Asked[], now: Span | null, needsSeconds: number): string {
  const zone = asked[0]?.verdict.zone ?? null;
  const what = `What comes behind this step needs ${needsSeconds} s`;
  return now === null
    ? `${what}; there is no common opening now.`
    : `${what}; it closes at ${sayInstant(now.to, zone)} already.`;
}

function lasts({ from, to }: Span, seconds: number): boolean {
  return to.epochMilliseconds - from.epochMilliseconds >= seconds * 1000;
}

/** The spans in which both are open; both are in order. */
function inBoth(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const from = isBefore(one.from, other.from) ? other.from : one.from;
      const to = isBefore(one.to, other.to) ? one.to : other.to;
      return isBefore(from, to) ? [{ from, to }] : [];
    }),
  );
}
