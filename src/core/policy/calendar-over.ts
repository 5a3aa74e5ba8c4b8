import type { Freeze } from "#core/calendar/freeze.ts";
import { freezeSpans, windowSpans, type MatchedSpans } from "#core/calendar/timetable.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { ScopeSubject } from "#core/catalog/scope.ts";
import { rememberLast } from "#core/policy/remember-last.ts";

/** The windows that match, each with its spans between the instants. */
export const windowsOver = rememberLast(
  (
    windows: readonly Window[],
    subject: ScopeSubject,
    environment: Environment,
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): MatchedSpans<Window> => windowSpans({ windows, subject, environment, between: { from, to } }),
);

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
