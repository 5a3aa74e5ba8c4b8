import { createAdaptorServer, type ServerType } from "@hono/node-server";
import type { Server } from "node:http";
import type { App } from "#api/server.ts";

export interface ListenSettings {
  /** Loopback unless the operator says otherwise. */
  readonly hostname?: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** No new connections; answers under way are given `graceMs`, then sockets are closed. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Total of all header fields: cookies and tokens of ours are below 1 KiB. */
export const maxHeaderBytes = 16 * 1024;
/** A client that needs longer for its headers is holding a connection, not sending a request. */
const headersTimeoutMs = 10_000;
/** For the whole request, a body of 17 MiB included. */
const requestTimeoutMs = 60_000;
/** How often connections are looked at for these two limits; Node's own 30 s would let them be passed by as much. */
const connectionsCheckMs = 2_000;
const keepAliveTimeoutMs = 65_000;
export const maxConnections = 2000;

/** Serves the app on a socket. Rejects when the address is taken. */
export async function listen(app: App, settings: ListenSettings): Promise<Listening> {
  const hostname = settings.hostname ?? "127.0.0.1";
  const server = toHttpServer(
    createAdaptorServer({
      fetch: app.fetch,
      hostname,
      // Libraries must see the runtime's own Request and Response.
      overrideGlobalObjects: false,
      serverOptions: {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: connectionsCheckMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        requireHostHeader: true,
        insecureHTTPParser: false,
      },
    }),
  );
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = 10_000;
  const port = await bind(server, hostname, settings.port);
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return { url: `http://${host}:${port}`, port, stop: (graceMs = 10_000) => stop(server, graceMs) };
}

/** The adaptor makes a plain HTTP server unless told otherwise; its type says only that it makes some server. */
function toHttpServer(server: ServerType): Server {
  if (!("maxRequestsPerSocket" in server)) throw new TypeError("expected an HTTP/1.1 server");
  return server;
}

function bind(server: Server, hostname: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
