import { createServer } from "node:net";

/** Claims the first port of the range that nobody has on loopback, by adding it to `taken`. Throws if there is none. */
export async function claimPort(
  range: { readonly from: number; readonly to: number },
  taken: Set<number>,
): Promise<number> {
  for (let port = range.from; port <= range.to; port += 1) {
    if (taken.has(port)) continue;
    // Claimed before the look, so that two claims at a time never end at the same port.
    taken.add(port);
    if (await isFree(port)) return port;
    taken.delete(port);
  }
  throw new Error(`No free port from ${range.from} to ${range.to}; widen the range in the agent's configuration.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
