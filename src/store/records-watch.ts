import type { DeploymentId } from "#core/id.ts";
import type { CheckIn } from "#core/rollout/stabilisation.ts";
import {
  armWatch,
  checkInOnWatch,
  checkInsOfWatch,
  claimWatch,
  findWatch,
  saveWatch,
  supersedeWatches,
  takeWatch,
  tellOfWatch,
  toldOfWatch,
  watchesConcerning,
  type StoredNotice,
  type StoredWatch,
} from "./live-watch.ts";
import type { Queryable } from "./sql.ts";
import { setStabilisationEnd, type StabilisationEnd } from "./stabilisation-end.ts";

/** Live versions that are watched, in one transaction. */
export interface WatchRecords {
  readonly watches: {
    readonly supersede: (service: string, environment: string) => Promise<readonly StoredWatch[]>;
    readonly arm: (watch: Omit<StoredWatch, "fence">) => Promise<void>;
    readonly claim: (now: Temporal.Instant) => Promise<StoredWatch | null>;
    readonly save: (watch: StoredWatch) => Promise<boolean>;
    readonly find: (deployment: DeploymentId) => Promise<StoredWatch | null>;
    readonly concerning: (names: readonly string[], limit: number) => Promise<readonly StoredWatch[]>;
    readonly take: (deployment: DeploymentId) => Promise<StoredWatch | null>;
    readonly stabilises: (end: StabilisationEnd) => Promise<void>;
    readonly checkIn: (deployment: DeploymentId, given: CheckIn) => Promise<void>;
    readonly checkIns: (deployment: DeploymentId) => Promise<readonly CheckIn[]>;
    readonly tell: (notice: StoredNotice) => Promise<boolean>;
    readonly told: (deployment: DeploymentId) => Promise<readonly StoredNotice[]>;
  };
}

export function watchRecordsOf(client: Queryable): WatchRecords {
  return {
    watches: {
      supersede: (service, environment) => supersedeWatches(client, service, environment),
      arm: (watch) => armWatch(client, watch),
      claim: (now) => claimWatch(client, now),
      save: (watch) => saveWatch(client, watch),
      find: (deployment) => findWatch(client, deployment),
      concerning: (names, limit) => watchesConcerning(client, names, limit),
      take: (deployment) => takeWatch(client, deployment),
      stabilises: (end) => setStabilisationEnd(client, end),
      checkIn: (deployment, given) => checkInOnWatch(client, deployment, given),
      checkIns: (deployment) => checkInsOfWatch(client, deployment),
      tell: (notice) => tellOfWatch(client, notice),
      told: (deployment) => toldOfWatch(client, deployment),
    },
  };
}
