import type { LocalRule } from "#core/calendar/local-rule.ts";

/** Who of a team is to be reached when: recurring shifts with persons in rotation, and swaps that change them. */
export interface Rota {
  readonly name: string;
  readonly team: string;
  /** How long after a go-live somebody must still be there. */
  readonly stabilisation: Temporal.Duration;
  readonly shifts: readonly Shift[];
  readonly swaps: readonly Swap[];
  /** Where another system publishes the shifts; null for a rota that is written out. */
  readonly subscription: RotaSubscription | null;
}

/** A calendar in which every event is a shift. */
export interface RotaSubscription {
  readonly url: string;
  /** IANA zone of days and of times that name none. */
  readonly zone: string;
  /** How often the address is asked again. */
  readonly refresh: Temporal.Duration;
  /** What the calendar calls somebody (an address or a summary) → person. */
  readonly persons: Readonly<Record<string, string>>;
}

export interface Shift {
  readonly name: string;
  readonly rule: LocalRule;
  /** They take turns, in this order. */
  readonly persons: readonly string[];
  /** Days between two handovers, counted from the local date of the anchor: 7 gives each a week, 1 a day. */
  readonly handoverDays: number;
}

/** A deviation from the shifts for a span of time: somebody steps in, somebody is away, or one for the other. */
export interface Swap {
  /** null for one that the configuration declares. */
  readonly id: string | null;
  /** Who steps in; null: nobody does. */
  readonly person: string | null;
  /** Who is away; null: nobody is, `person` comes on top. */
  readonly replaces: string | null;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** A span for which somebody is named, as another system says. */
export interface Duty {
  readonly person: string;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

/** All that is known about the cover of one team. */
export interface TeamCover {
  readonly team: string;
  readonly stabilisation: Temporal.Duration;
  readonly shifts: readonly Shift[];
  readonly swaps: readonly Swap[];
  /** From imported rotas. */
  readonly duties: readonly Duty[];
  /** Imported rotas end here: later on nobody knows. null where recurring shifts go on. */
  readonly knownUntil: Temporal.Instant | null;
}

/** Used where no rota of the team says another: problems of a release show within its first hours. */
export const defaultStabilisation: Temporal.Duration = Temporal.Duration.from({ hours: 2 });
