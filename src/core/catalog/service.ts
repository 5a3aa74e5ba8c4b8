import type { RecoveryLimits } from "#core/catalog/recovery.ts";

/** Anything deployable and owned (semantics §1). Names are unique per kind and are the identity. */
export interface Service {
  readonly name: string;
  readonly unit: string;
  readonly team: string;
  /** 0 is the most critical. */
  readonly tier: number;
  readonly tags: readonly string[];
  readonly dataClasses: readonly string[];
  readonly dependsOn: readonly Dependency[];
  /** Contract version that every member of a dependency cycle declares; null when the service is in none. */
  readonly contract: string | null;
  /** What decides how a version of it may be rolled out; absent: nobody has said anything. */
  readonly rollout?: RolloutTraits;
  /** What it must not lose, and how fast it must be back; absent: it promises nothing. */
  readonly recovery?: RecoveryLimits | undefined;
}

export const writerKinds = ["none", "single", "many"] as const;
export const sessionKinds = ["none", "sticky", "shared-store"] as const;
export const impacts = ["low", "high"] as const;
export type Impact = (typeof impacts)[number];

/** What is absent has not been said, and is never taken for a yes (ADR 0034). */
export interface RolloutTraits {
  /** Processes that may write its state at a time. */
  readonly writers?: (typeof writerKinds)[number];
  /** It keeps data on a volume that one process has for itself. */
  readonly volumes?: boolean;
  /** Where the sessions of its users live: nowhere, in the process that began them, or in a store that all share. */
  readonly sessions?: (typeof sessionKinds)[number];
  /** Its metrics tell versions apart. */
  readonly versionMetrics?: boolean;
  /** Users must be on the former version again within this many seconds. */
  readonly rollbackSeconds?: number;
  /** What a defect does to those who meet it. */
  readonly impact?: Impact;
  /** Seconds that its users accept to be without it; 0: none. */
  readonly downtimeSeconds?: number;
}

export const edgeKinds = ["sync", "message", "data", "shared", "external"] as const;
export type EdgeKind = (typeof edgeKinds)[number];

/** A typed edge to another service or vendor; `versions` is a semver range or null for any. */
export interface Dependency {
  readonly on: string;
  readonly kind: EdgeKind;
  readonly versions: string | null;
}
