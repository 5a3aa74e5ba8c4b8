import type { ApprovalRoute } from "#core/approval/route.ts";
import type { BusinessCalendar } from "#core/calendar/business/business-calendar.ts";
import type { Rota } from "#core/calendar/cover/rota.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import type { Window } from "#core/calendar/window.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Service } from "#core/catalog/service.ts";
import type { Criteria } from "#core/criteria/criterion.ts";
import type { ExemptionType } from "#core/exemption/exemption.ts";
import type { Resource } from "#core/plan/resource-queue.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import type { WavePlan } from "#core/waves/wave-plan.ts";
import type { Sequence } from "#core/release/sequence.ts";
import type { Source } from "#core/release/source.ts";
import type { Rollback } from "#core/rollback/rollback.ts";
import type { Strategy } from "#core/rollout/strategy.ts";
import type { Watch } from "#core/rollout/watch.ts";
import type { Policy } from "#core/policy/policy.ts";
import type { Person, Team, Unit } from "#core/catalog/people.ts";
import type { WorkingHours } from "#core/catalog/working-hours.ts";

/** Everything that configuration as code declares, decoded and with its references checked. */
export interface Organisation {
  readonly units: ReadonlyMap<string, Unit>;
  readonly teams: ReadonlyMap<string, Team>;
  readonly people: ReadonlyMap<string, Person>;
  /** By person; those whose hours are stated. Not a part of `Person`, because facts keep persons as they were judged. */
  readonly workingHours: ReadonlyMap<string, WorkingHours>;
  readonly services: ReadonlyMap<string, Service>;
  readonly vendors: ReadonlySet<string>;
  readonly environments: ReadonlyMap<string, Environment>;
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
  /** Calendars from outside; their events become freezes where facts are loaded. */
  readonly calendars: readonly BusinessCalendar[];
  readonly routes: readonly ApprovalRoute[];
  readonly strategies: readonly Strategy[];
  /** What is watched once a version is live. */
  readonly watches: readonly Watch[];
  readonly rotas: readonly Rota[];
  readonly policies: readonly Policy[];
  /** Exemptions that are granted at all. */
  readonly exemptionTypes: readonly ExemptionType[];
  /** What only so many may use at the same time. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly runbooks: ReadonlyMap<string, Runbook>;
  readonly wavePlans: ReadonlyMap<string, WavePlan>;
  /** By name. */
  readonly sequences: readonly Sequence[];
  /** When changes are a success. */
  readonly criteria: readonly Criteria[];
  /** By service. */
  readonly rollbacks: ReadonlyMap<string, Rollback>;
  /** Who reports under a name, where it is declared. */
  readonly sources: ReadonlyMap<string, Source>;
}
