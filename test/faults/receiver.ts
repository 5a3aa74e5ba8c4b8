import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";

/** One call as the receiver met it. */
export interface Received {
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
  /** The first of its key: the effect happened now. */
  readonly isFirst: boolean;
}

/** What a path answers from now on, until somebody says otherwise. */
export type Manner = { readonly status: number; readonly retryAfter?: number } | "hang" | "lost-answer";

/** Another system that is told by signed calls: it acts once per key and counts what it was sent. */
export interface Receiver {
  readonly url: string;
  readonly place: string;
  readonly received: readonly Received[];
  /** Before `times` further calls of the path are over; then it answers 204 again. */
  readonly behave: (path: string, manner: Manner, times: number) => () => number;
  readonly release: () => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const manners = new Map<string, { readonly manner: Manner; left: number }>();
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const path = request.url ?? "";
      const key = String(request.headers["idempotency-key"] ?? request.headers["webhook-id"] ?? "");
      const set = manners.get(path);
      const manner: Manner = set !== undefined && set.left > 0 ? set.manner : { status: 204 };
      if (set !== undefined && set.left > 0) set.left--;
      // What it refuses it has not done; what is lost or hangs it has.
      const isRefused = typeof manner === "object" && manner.status >= 400;
      if (!isRefused)
        received.push({ path, key, body: JSON.parse(text), isFirst: !received.some((each) => each.key === key) });
      if (manner === "hang") held.add(response);
      else if (manner === "lost-answer") response.destroy();
      else {
        const later = manner.retryAfter === undefined ? {} : { "retry-after": String(manner.retryAfter) };
        response.writeHead(manner.status, later).end();
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const release = (): void => {
    for (const response of held) response.destroy();
    held.clear();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    place: `127.0.0.1:${port}`,
    received,
    behave: (path, manner, times) => {
      const set = { manner, left: times };
      manners.set(path, set);
      return () => times - set.left;
    },
    release,
    [Symbol.asyncDispose]: async () => {
      release();
      server.closeAllConnections();
      server.close();
    },
  };
}
