import type { Cover } from "#core/calendar/cover/cover-for.ts";
import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import type { Duty } from "#core/calendar/cover/rota.ts";
import type { TeamSwap } from "#core/calendar/cover/team-cover.ts";
import type { Span } from "#core/span.ts";

export interface CoverQuestion {
  readonly service: string;
  readonly environment: string;
  /** Start of the go-live; null: now. */
  readonly at: Temporal.Instant | null;
}

export interface CoverAnswer {
  /** Go-live and stabilisation. */
  readonly span: Span;
  readonly zone: string;
  readonly impact: readonly ImpactedService[];
  /** `none`: nobody has declared a rota. */
  readonly cover: Cover | "none";
}

export interface RotaImportInput {
  readonly team: string;
  /** System or file that says so; the next import from it takes its place. */
  readonly source: string;
  readonly duties: readonly Duty[];
  /** Duties are known up to here. */
  readonly until: Temporal.Instant;
}

export interface SwapInput {
  readonly team: string;
  readonly person: string | null;
  readonly replaces: string | null;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly reason: string;
}

/** What a change of cover did to open bookings. */
export interface CoverChange {
  /** Id of the import or the swap. */
  readonly id: string;
  /** Bookings whose planned start has cover since, or has lost it. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

export interface RotaRecords {
  readonly importRota: (
    rota: RotaImportInput & { readonly id: string },
    at: Temporal.Instant,
    by: string,
  ) => Promise<void>;
  readonly insertSwap: (swap: SwapInput & { readonly id: string }, at: Temporal.Instant, by: string) => Promise<void>;
  /** The swap in force; null when there is none, or when it was withdrawn. */
  readonly findSwap: (id: string) => Promise<TeamSwap | null>;
  readonly withdrawSwap: (id: string, at: Temporal.Instant, by: string) => Promise<void>;
}

/** A name that the configuration in force does not declare. */
export interface UnknownName {
  readonly code: "no-such-team" | "no-such-person";
  readonly name: string;
}
