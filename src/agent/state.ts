import { readFile } from "node:fs/promises";
import { z } from "zod";
import { replaceFile } from "#agent/files.ts";

/** A version as the agent keeps it on disk. */
const processRecord = z.strictObject({
  environment: z.string(),
  service: z.string(),
  version: z.string(),
  digest: z.string(),
  port: z.int(),
  /** A text that only this one process knows; it tells it from any other that gets its pid or port later. */
  instance: z.string(),
  /** Null until the process has told its pid or after it has ended. */
  pid: z.int().nullable(),
  startedAt: z.string().nullable(),
  state: z.enum(["starting", "ready", "failed", "stopped"]),
  reason: z.string().nullable(),
});
const rules = z.strictObject({
  /** Sessions stay with their version; it may be stopped this long after its last request. */
  sticky: z.strictObject({ idleSeconds: z.int() }).nullable(),
  /** Cohort → version. */
  cohorts: z.record(z.string(), z.string()),
});
const stateFile = z.strictObject({
  /** `environment/service` → port of its proxy: stable over restarts, because neighbours know the address. */
  proxies: z.record(z.string(), z.int()),
  processes: z.array(processRecord),
  /** `environment/service` → version → per cent. */
  weights: z.record(z.string(), z.record(z.string(), z.number())),
  /** `environment/service` → what else decides where a request goes; an agent of before wrote none. */
  rules: z.record(z.string(), rules).default({}),
});

export type ProcessRecord = z.infer<typeof processRecord>;
export type TrafficRules = z.infer<typeof rules>;
export const noRules: TrafficRules = { sticky: null, cohorts: {} };
export type AgentState = z.infer<typeof stateFile>;

export interface StateStore {
  readonly state: AgentState;
  /** Writes the state as it is now; returns when it is on disk. */
  readonly save: () => Promise<void>;
}

/** Reads the state of the agent before this one. Throws if the file is not what an agent writes. */
export async function openState(file: string): Promise<StateStore> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  const state: AgentState =
    text === null ? { proxies: {}, processes: [], weights: {}, rules: {} } : stateFile.parse(JSON.parse(text));
  let last: Promise<void> = Promise.resolve();
  return {
    state,
    save: () => {
      const written = last.then(() => replaceFile(file, textOf(state)));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** Rules are written only where there are some: an agent of the version before reads no file that has them. */
function textOf(state: AgentState): string {
  const { rules: given, ...rest } = state;
  return JSON.stringify(Object.keys(given).length === 0 ? rest : state);
}
