import type { Approval } from "#core/approval/approval.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import type { LoadProfile } from "#core/calendar/advice/load-profile.ts";
import type { Caution } from "#core/calendar/business/business-calendar.ts";
import type { ImportedRota, TeamSwap } from "#core/calendar/cover/team-cover.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { Debt, EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Exemption, Override } from "#core/exemption/exemption.ts";
import type { Reservation } from "#core/plan/reservation.ts";
import type { AgreedSlot } from "#core/policy/facts.ts";
import { isAfter } from "#core/policy/moments.ts";
import type { Policy } from "#core/policy/policy.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type {
  BookedRisk,
  ErrorBudget,
  EvidenceRecord,
  PassedStage,
  RecoveryReport,
  ResourceUse,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";
import type { Setback } from "#core/release/sequence.ts";
import type { PromisedSignal } from "#core/release/silence.ts";
import type { Deployed, ExpectedDuration, HeldLock, PlannedBooking } from "#core/release/state.ts";
import {
  emptyMap,
  mapOf,
  valueOf,
  valueUnder,
  withEntry,
  withoutEntry,
  type ChunkedMap,
  type Prefix,
} from "#core/world/chunked-map.ts";
import { scopeIndex, type ScopeIndex } from "#core/world/scope-index.ts";

/** The rows of each shelf. What has no key of its own stands under `all`. */
export interface ShelfRows {
  /** By `keyOf(service, version)`. */
  readonly artifacts: Artifact;
  /** By `keyOf(service, version, environment)`. */
  readonly approvals: Approval;
  /**
   * These five by `keyOf(environment, service)`; of bookings those of open work. Durations of everything in an
   * environment stand under `keyOf(environment, all)`.
   */
  readonly deployed: Deployed;
  readonly setbacks: Setback;
  readonly bookings: PlannedBooking;
  readonly durations: ExpectedDuration;
  readonly profiles: LoadProfile;
  /** Id of the booking, by the id of the deployment that carries it out. */
  readonly bookingOf: string;
  /** By service or vendor. */
  readonly signals: PromisedSignal;
  /** By the key of the lock. */
  readonly locks: HeldLock;
  /** By what is reserved. */
  readonly reservations: Reservation;
  /** These two by team. */
  readonly imported: ImportedRota;
  readonly swaps: TeamSwap;
  /** By the id of the booking or deployment. */
  readonly agreed: AgreedSlot;
  readonly holds: Hold;
  readonly stops: Stop;
  /** These three by digest of the artifact. */
  readonly evidence: EvidenceRecord;
  readonly verifications: Verification;
  readonly passed: PassedStage;
  /** These two by service; a ticket under each that it names. */
  readonly tickets: Ticket;
  readonly errorBudgets: ErrorBudget;
  /** By `keyOf(service, version, environment)`. */
  readonly riskScores: RiskScore;
  /** By service. */
  readonly recoveries: RecoveryReport;
  /** By `keyOf("environment" | "unit" | "region", name)`: under each that it is summed by. */
  readonly exposure: BookedRisk;
  /** By resource, as `usageOf` finds it for the booking. */
  readonly usage: ResourceUse;
  readonly exemptions: Exemption;
  /** By the digest of the content. */
  readonly overrides: Override;
  /** By service; newest first. */
  readonly emergencies: EmergencyTicket;
  /** By team; newest first. */
  readonly debts: Debt;
}

export type ShelfName = keyof ShelfRows;
export type Shelf<Row> = ChunkedMap<readonly Row[]>;
export type Shelves = { readonly [Name in ShelfName]: Shelf<ShelfRows[Name]> };

/** Since when a row holds, for the shelves whose rows may lie ahead of a question. */
const begins: { readonly [Name in ShelfName]?: (row: ShelfRows[Name]) => Temporal.Instant } = {
  approvals: ({ at }: Approval) => at,
  deployed: ({ since }: Deployed) => since,
  setbacks: ({ at }: Setback) => at,
  signals: ({ since }: PromisedSignal) => since,
  evidence: ({ at }: EvidenceRecord) => at,
  verifications: ({ at }: Verification) => at,
  passed: ({ since }: PassedStage) => since,
  tickets: ({ at }: Ticket) => at,
  errorBudgets: ({ at }: ErrorBudget) => at,
  riskScores: ({ at }: RiskScore) => at,
  recoveries: ({ at }: RecoveryReport) => at,
};

/** The shelves that a source of facts may not keep at all; what would be there is then `assumed`. */
export type Assumable =
  | "artifacts"
  | "deployed"
  | "evidence"
  | "verifications"
  | "tickets"
  | "errorBudgets"
  | "riskScores"
  | "recoveries"
  | "passed";

/** What the calendars of others add to the organisation's own: `effectsOfEvents`. */
export interface Business {
  readonly freezes: readonly Freeze[];
  readonly cautions: readonly Caution[];
}

/**
 * Everything that verdicts may depend on, as it stands, with the indexes by which `factsFor` finds the little that one
 * verdict needs. A value: a change makes another world that shares all the rest, in microseconds for a row of a shelf.
 * A new organisation makes the indexes anew over what is another one in it: milliseconds for scopes, some 50 ms for the
 * graph of 50,000 services, when they are first asked for.
 */
export interface World {
  readonly organisation: Organisation;
  readonly business: Business;
  readonly shelves: Shelves;
  /** Epoch ms, rounded down, since when the newest row of a shelf holds, or has ever held; absent: no row says since when. */
  readonly newest: { readonly [Name in ShelfName]?: number };
  readonly assumed: ReadonlySet<Assumable>;
  readonly windows: ScopeIndex<Window>;
  readonly freezes: ScopeIndex<Freeze>;
  readonly cautions: ScopeIndex<Caution>;
  readonly routes: ScopeIndex<ApprovalRoute>;
  readonly policies: ScopeIndex<Policy>;
}

/** Key of what is looked at as a whole: holds, stops and exemptions. */
export const all = "";

export function keyOf(...parts: readonly string[]): string {
  return parts.join("\n");
}

export const noBusiness: Business = { freezes: [], cautions: [] };

/** A world with nothing but an organisation. */
export function worldOf(organisation: Organisation, assumed: ReadonlySet<Assumable> = new Set()): World {
  return {
    organisation,
    business: noBusiness,
    shelves: emptyShelves,
    newest: {},
    assumed,
    windows: scopeIndex(organisation.windows),
    freezes: scopeIndex(organisation.freezes),
    cautions: scopeIndex<Caution>([]),
    routes: scopeIndex(organisation.routes),
    policies: scopeIndex(organisation.policies),
  };
}

export function withOrganisation(world: World, organisation: Organisation): World {
  const { windows, routes, policies } = world;
  const next = {
    ...world,
    organisation,
    windows: indexed(windows, organisation.windows),
    routes: indexed(routes, organisation.routes),
    policies: indexed(policies, organisation.policies),
  };
  return withBusiness(next, world.business);
}

export function withBusiness(world: World, business: Business): World {
  const own = world.organisation.freezes;
  const freezes = business.freezes.length === 0 ? own : [...own, ...business.freezes];
  return {
    ...world,
    business,
    freezes: indexed(world.freezes, freezes),
    cautions: indexed(world.cautions, business.cautions),
  };
}

/** The index of before where it is over the same list: what was remembered by its lists stays known. */
function indexed<Rule extends { readonly scope: Scope }>(
  before: ScopeIndex<Rule>,
  rules: readonly Rule[],
): ScopeIndex<Rule> {
  return before.all === rules ? before : scopeIndex(rules);
}

/** The world after one change: these rows stand under the key instead of those before; none takes the key out. */
export function withRows<Name extends ShelfName>(
  world: World,
  name: Name,
  key: string,
  rows: readonly ShelfRows[Name][],
): World {
  const before: Shelf<ShelfRows[Name]> = world.shelves[name];
  const shelf = rows.length === 0 ? withoutEntry(before, key) : withEntry(before, key, rows);
  return { ...world, shelves: { ...world.shelves, [name]: shelf }, newest: newestWith(world, name, [rows]) };
}

/** A shelf filled at once; rows keep their order under each of their keys. */
export function withShelf<Name extends ShelfName>(
  world: World,
  name: Name,
  rows: Iterable<ShelfRows[Name]>,
  keysOf: (row: ShelfRows[Name]) => readonly string[],
): World {
  const byKey = new Map<string, ShelfRows[Name][]>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [row]);
      else known.push(row);
    }
  }
  return withShelfOf(world, name, byKey);
}

/** The same from lists by key. */
export function withShelfOf<Name extends ShelfName>(
  world: World,
  name: Name,
  byKey: ReadonlyMap<string, readonly ShelfRows[Name][]>,
): World {
  const shelves = { ...world.shelves, [name]: mapOf<readonly ShelfRows[Name][]>(byKey) };
  return { ...world, shelves, newest: newestWith(world, name, byKey.values()) };
}

function newestWith<Name extends ShelfName>(
  { newest }: World,
  name: Name,
  lists: Iterable<readonly ShelfRows[Name][]>,
): World["newest"] {
  const begin = begins[name];
  if (begin === undefined) return newest;
  const before = newest[name];
  let latest = before ?? Number.NEGATIVE_INFINITY;
  for (const rows of lists) for (const row of rows) latest = Math.max(latest, begin(row).epochMilliseconds);
  return latest === before ? newest : { ...newest, [name]: latest };
}

/**
 * The rows as they were known at an instant: without those that hold since later; the list itself where none does. Most
 * shelves hold nothing that lies ahead, and then no row is looked at.
 */
export function knownAt<Name extends ShelfName>(
  { newest }: World,
  name: Name,
  rows: readonly ShelfRows[Name][],
  at: Temporal.Instant,
): readonly ShelfRows[Name][] {
  const begin = begins[name];
  const latest = newest[name];
  if (begin === undefined || latest === undefined || latest < at.epochMilliseconds) return rows;
  const isKnown = (row: ShelfRows[Name]): boolean => !isAfter(begin(row), at);
  return rows.every(isKnown) ? rows : rows.filter(isKnown);
}

/** The rows under a key; the same list for as long as nobody changes it. */
export function rowsOf<Name extends ShelfName>(world: World, name: Name, key: string): readonly ShelfRows[Name][] {
  const shelf: Shelf<ShelfRows[Name]> = world.shelves[name];
  return valueOf(shelf, key) ?? none;
}

/** The rows under the key that is the prefix and this rest. */
export function rowsUnder<Name extends ShelfName>(
  world: World,
  name: Name,
  prefix: Prefix,
  rest: string,
): readonly ShelfRows[Name][] {
  const shelf: Shelf<ShelfRows[Name]> = world.shelves[name];
  return valueUnder(shelf, prefix, rest) ?? none;
}

const none: readonly never[] = [];

const emptyShelves: Shelves = {
  artifacts: emptyMap(),
  approvals: emptyMap(),
  deployed: emptyMap(),
  setbacks: emptyMap(),
  bookings: emptyMap(),
  durations: emptyMap(),
  profiles: emptyMap(),
  bookingOf: emptyMap(),
  signals: emptyMap(),
  locks: emptyMap(),
  reservations: emptyMap(),
  imported: emptyMap(),
  swaps: emptyMap(),
  agreed: emptyMap(),
  holds: emptyMap(),
  stops: emptyMap(),
  evidence: emptyMap(),
  verifications: emptyMap(),
  passed: emptyMap(),
  tickets: emptyMap(),
  errorBudgets: emptyMap(),
  riskScores: emptyMap(),
  recoveries: emptyMap(),
  exposure: emptyMap(),
  usage: emptyMap(),
  exemptions: emptyMap(),
  overrides: emptyMap(),
  emergencies: emptyMap(),
  debts: emptyMap(),
};
