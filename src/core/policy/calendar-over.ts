import { holdsAt, rememberedUnion } from "#core/calendar/expansion.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { isIn, unionOf, type SpanSet } from "#core/calendar/span-set.ts";
import {
  freezeSpans,
  windowMatches,
  windowSpans,
  type MatchedSpans,
  type RuleFault,
} from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { rememberLast } from "#core/policy/remember-last.ts";

/** The windows that match a subject, between two instants. */
export interface WindowsOver {
  readonly matched: readonly Window[];
  readonly faults: readonly RuleFault[];
  /** When one of those that can be read is open. */
  readonly open: SpanSet;
  /** Of one that matches, at an instant between. */
  readonly isOpenAt: (window: Window, moment: Temporal.Instant) => boolean;
}

/** The windows that match, and when one of them is open. */
export const windowsOver = rememberLast(
  (
    windows: readonly Window[],
    subject: ScopeSubject,
    environment: Environment,
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): WindowsOver => {
    const matches = (window: Window): boolean => windowMatches(window, subject);
    // The list itself where all match: what it makes together is kept by it.
    const matched = windows.every(matches) ? windows : windows.filter(matches);
    const { zone } = environment;
    const open = rememberedUnion("window", matched, zone, { from, to });
    if (open === null) return oneByOne(windowSpans({ windows, subject, environment, between: { from, to } }));
    const isOpenAt = ({ rule }: Window, moment: Temporal.Instant): boolean =>
      holdsAt("window", rule, zone, moment.epochMilliseconds);
    return { matched, faults: [], open, isOpenAt };
  },
);

function oneByOne({ matched, faults }: MatchedSpans<Window>): WindowsOver {
  return {
    matched: matched.map(({ rule }) => rule),
    faults,
    open: unionOf(matched.map(({ spans }) => spans)),
    isOpenAt: (window, moment) => matched.some(({ rule, spans }) => rule === window && isIn(spans, moment)),
  };
}

/** The freezes that match, each with its spans between the instants, whatever lets them be passed. */
export const freezesOver = rememberLast(
  (
    freezes: readonly Freeze[],
    subject: ScopeSubject,
    environment: Environment,
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): MatchedSpans<Freeze> => freezeSpans({ freezes, subject, environment, between: { from, to } }),
);
