/** A stage on the promotion path. */
export interface Environment {
  readonly name: string;
  /** IANA zone; always known to the zone data of this process, checked at writing. */
  readonly zone: string;
  readonly region: string | null;
  /** Environments a digest must have passed before. */
  readonly after: readonly string[];
  /** In a protected environment an unknown fact counts as deny. */
  readonly protected: boolean;
  /** `required`: closed unless some window is open. `optional`: time restricts only where a window matches. */
  readonly windows: "required" | "optional";
  /** What a place offers to a rollout and the agent cannot tell; absent: nobody has said anything. */
  readonly rollout?: PlaceAbilities;
}

export interface PlaceAbilities {
  /** There is room for two versions of a service at a time; absent: there is, as for every canary. */
  readonly parallel?: boolean;
  /** Services have a replica that can take over; absent: they have none. */
  readonly replicas?: boolean;
}
