import { open, readFile, rename } from "node:fs/promises";
import { z } from "zod";

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
const stateFile = z.strictObject({
  /** `environment/service` → port of its proxy: stable over restarts, because neighbours know the address. */
  proxies: z.record(z.string(), z.int()),
  processes: z.array(processRecord),
  /** `environment/service` → version → per cent. */
  weights: z.record(z.string(), z.record(z.string(), z.number())),
});

export type ProcessRecord = z.infer<typeof processRecord>;
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
    text === null ? { proxies: {}, processes: [], weights: {} } : stateFile.parse(JSON.parse(text));
  let last: Promise<void> = Promise.resolve();
  return {
    state,
    save: () => {
      const written = last.then(() => replace(file, JSON.stringify(state)));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** A crash leaves the old file or the new one, never a part of one. */
async function replace(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
