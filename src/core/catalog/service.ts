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
}

export const edgeKinds = ["sync", "message", "data", "shared", "external"] as const;
export type EdgeKind = (typeof edgeKinds)[number];

/** A typed edge to another service or vendor; `versions` is a semver range or null for any. */
export interface Dependency {
  readonly on: string;
  readonly kind: EdgeKind;
  readonly versions: string | null;
}
