import type { HttpBindings } from "@hono/node-server";
import type { Context as HonoContext } from "hono";

/** What the server keeps beside a request. Tests call the app without a socket, so the bindings may be missing. */
export interface Env {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** For metrics and the log: an operation or a fixed word, never a path. */
    operation: string;
    account: string | null;
    /** An answer that goes to the socket as it is; null: the `Response` is the answer. */
    written: Written | null;
  };
}

/** Headers and text of an answer, for the socket. */
export interface Written {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

export type Exchange = HonoContext<Env>;

/** The address of the peer of the socket. Forwarded headers are not believed. */
export function addressOf(exchange: Exchange): string {
  return exchange.env?.incoming?.socket.remoteAddress ?? "local";
}
