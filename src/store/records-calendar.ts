import type { DeploymentId } from "#core/id.ts";
import type { Span } from "#core/span.ts";
import type { LoadProfileText } from "#config/state-cover.ts";
import {
  findSwap,
  importRota,
  insertSwap,
  plannedFelt,
  plannedOf,
  withdrawSwap,
  type PlannedDeployment,
  type RotaImport,
  type SwapEntry,
} from "./cover.ts";
import { recordLoadProfile } from "./load-profile.ts";
import { insertPosition, positionsOf, type StoredPosition } from "./negotiation.ts";
import type { OrganisationCache } from "./organisation.ts";
import {
  endImports,
  forgetSubscription,
  importsInForce,
  saveSubscription,
  subscribed,
  subscriptions,
  type DeclaredSubscription,
  type StoredImport,
  type StoredSubscription,
} from "./rota-subscription.ts";
import type { Queryable } from "./sql.ts";

/** Load, negotiations and cover, in the transaction of `client`. */
export interface CalendarRecords {
  readonly profiles: {
    readonly record: (profile: LoadProfileText, at: Temporal.Instant, by: string) => Promise<boolean>;
  };
  readonly negotiations: {
    readonly append: (position: StoredPosition) => Promise<void>;
    readonly positions: (deployment: DeploymentId) => Promise<readonly StoredPosition[]>;
    readonly planned: (deployment: DeploymentId) => Promise<Span | null>;
  };
  readonly cover: {
    readonly importRota: (rota: RotaImport, at: Temporal.Instant, by: string) => Promise<void>;
    readonly insertSwap: (swap: SwapEntry, at: Temporal.Instant, by: string) => Promise<void>;
    readonly findSwap: (id: string) => ReturnType<typeof findSwap>;
    readonly withdrawSwap: (id: string, at: Temporal.Instant, by: string) => Promise<void>;
    readonly plannedFelt: (team: string, limit: number) => Promise<readonly PlannedDeployment[]>;
    readonly subscribed: () => Promise<readonly DeclaredSubscription[]>;
    readonly subscriptions: () => Promise<readonly StoredSubscription[]>;
    readonly saveSubscription: (state: StoredSubscription) => Promise<void>;
    readonly forgetSubscription: (rota: string) => Promise<void>;
    readonly endImports: (source: string, exceptTeam: string | null, at: Temporal.Instant) => Promise<boolean>;
    readonly importsInForce: (limit: number) => Promise<readonly StoredImport[]>;
  };
}

export function calendarRecordsOf(client: Queryable, organisations: OrganisationCache): CalendarRecords {
  return {
    profiles: { record: (profile, at, by) => recordLoadProfile(client, profile, at, by) },
    negotiations: {
      append: (position) => insertPosition(client, position),
      positions: (deployment) => positionsOf(client, deployment),
      planned: (deployment) => plannedOf(client, deployment),
    },
    cover: {
      importRota: (rota, at, by) => importRota(client, rota, at, by),
      insertSwap: (swap, at, by) => insertSwap(client, swap, at, by),
      findSwap: (id) => findSwap(client, id),
      withdrawSwap: (id, at, by) => withdrawSwap(client, id, at, by),
      plannedFelt: (team, limit) => plannedFelt(client, team, limit),
      subscribed: () => subscribed(client, organisations),
      subscriptions: () => subscriptions(client),
      saveSubscription: (state) => saveSubscription(client, state),
      forgetSubscription: (rota) => forgetSubscription(client, rota),
      endImports: (source, exceptTeam, at) => endImports(client, source, exceptTeam, at),
      importsInForce: (limit) => importsInForce(client, limit),
    },
  };
}
