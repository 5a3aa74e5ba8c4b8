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
}
