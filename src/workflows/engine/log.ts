/** Where the engine's own lines go; the shape is DBOS's, so one adapter serves both. */
export interface EngineLog {
  readonly debug: (entry: unknown) => void;
  readonly info: (entry: unknown) => void;
  readonly warn: (entry: unknown) => void;
  readonly error: (entry: unknown) => void;
}

export const silentLog: EngineLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
