/** A service in an environment, by their names. */
export interface ServicePlace {
  readonly service: string;
  readonly environment: string;
}
