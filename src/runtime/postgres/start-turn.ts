import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "#runtime/clock.ts";

/*
 * PostgreSQL removes the lock file of a server that is gone, and two servers that start in the same moment may both
 * find it so: the second then removes the fresh file of the first, which notices within a minute and shuts down while
 * it serves. So whoever starts one waits for the others. The turn is a name in the kernel's abstract socket space: it
 * cannot be left behind, because it ends with the process that took it, however that ends.
 */

const pollMs = 20;

export interface StartTurn {
  readonly [Symbol.dispose]: () => void;
}

/**
 * The right to start the server of this cluster on this machine, alone; null when somebody else keeps it for longer
 * than `waitMs`. Elsewhere than on Linux there are no such names, and everybody has the right at once.
 * @param secret is known to the owners of the cluster alone, so that nobody else can take the name
 */
export async function takeStartTurn(dataDir: string, secret: string, waitMs: number): Promise<StartTurn | null> {
  if (process.platform !== "linux") return { [Symbol.dispose]: () => undefined };
  const name = createHash("sha256").update(`${secret}\n${dataDir}`).digest("hex").slice(0, 32);
  const deadline = monotonicMs() + waitMs;
  for (;;) {
    const server = await claim(`\0tidegate-start-${name}`);
    if (server !== null) return { [Symbol.dispose]: () => void server.close() };
    if (monotonicMs() >= deadline) return null;
    await delay(pollMs);
  }
}

/** null: another process has the name. */
async function claim(name: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen(name);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return null;
    throw error;
  }
}
