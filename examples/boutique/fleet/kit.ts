import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

/** What the small services of the boutique share: a router, calls to neighbours, probes, a clean end. */
export interface Call {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}
export type Handler = (call: Call) => Answer | Promise<Answer>;

const bodyBytes = 64 * 1024;
const neighbourWithinMs = 2_000;
const { env } = process;
const agent = new Agent({ keepAlive: true, timeout: 20_000, maxSockets: 64 });

export function setting(name: string, otherwise: string): string {
  return env[name] ?? otherwise;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

export function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Asks a neighbour through its address, which the environment gives as NAME_URL. */
export function ask(neighbour: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const address = setting(`${neighbour.toUpperCase().replaceAll("-", "_")}_URL`, "");
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const headers = payload === null ? {} : { "content-type": "application/json", "content-length": payload.length };
    const call = request(`${address}${path}`, { method, headers, agent, timeout: neighbourWithinMs }, (answer) => {
      readJson(answer).then((parsed) => resolve({ status: answer.statusCode ?? 0, body: parsed }), reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${neighbour} is silent`)));
    call.on("error", reject);
    call.end(payload);
  });
}

/** As `ask`, for answers that must be good; anything else is a failure of this request. */
export async function need(neighbour: string, method: string, path: string, body?: unknown): Promise<Call["body"]> {
  const answer = await ask(neighbour, method, path, body);
  if (answer.status !== 200) throw new Error(`${neighbour} answered ${answer.status} to ${method} ${path}`);
  return fields(answer.body);
}

/** Serves the routes, such as `GET /carts/:user`, on the port the environment gives. */
export function serve(routes: Readonly<Record<string, Handler>>, isReady: () => boolean = () => true): void {
  const identity = {
    service: setting("SERVICE", ""),
    version: setting("VERSION", ""),
    digest: ownDigest(),
    instance: setting("INSTANCE", ""),
    pid: process.pid,
  };
  const probes: Readonly<Record<string, Handler>> = {
    "GET /livez": () => ok({ alive: true }),
    "GET /readyz": () => (isReady() ? ok({ ready: true }) : { status: 503, body: { ready: false } }),
    "GET /identity": () => ok(identity),
  };
  const table = Object.entries({ ...routes, ...probes }).map(([route, handler]) => {
    const [method = "", pattern = ""] = route.split(" ");
    return { method, parts: pattern.split("/"), handler };
  });
  const find = (method: string, parts: readonly string[]) =>
    table.find(
      (entry) =>
        entry.method === method &&
        entry.parts.length === parts.length &&
        entry.parts.every((part, index) => part.startsWith(":") || part === parts[index]),
    );
  const handle = async (incoming: IncomingMessage): Promise<Answer> => {
    const [pathname = "", search = ""] = (incoming.url ?? "/").split("?");
    const parts = pathname.split("/");
    const entry = find(incoming.method ?? "GET", parts);
    if (entry === undefined) return { status: 404, body: { error: "no such route" } };
    const named = entry.parts.flatMap((part, at) => (part.startsWith(":") ? [[part.slice(1), parts[at] ?? ""]] : []));
    const body = incoming.method === "GET" ? {} : fields(await readJson(incoming));
    return entry.handler({ path: Object.fromEntries(named), query: new URLSearchParams(search), body });
  };
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
    handle(incoming).then(
      (answer) => reply(outgoing, answer),
      (error: unknown) => reply(outgoing, { status: 500, body: { error: String(error) } }),
    );
  });
  server.listen(Number(setting("PORT", "0")), "127.0.0.1");
  process.once("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 4_000).unref();
  });
}

function reply(outgoing: ServerResponse, { status, body }: Answer): void {
  const payload = Buffer.from(JSON.stringify(body));
  outgoing.writeHead(status, { "content-type": "application/json", "content-length": payload.length }).end(payload);
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  let content = "";
  for await (const chunk of message.setEncoding("utf8")) {
    content += String(chunk);
    if (content.length > bodyBytes) throw new Error("too much");
  }
  return content === "" ? {} : JSON.parse(content);
}

/** Digest of the files and parameters this process really started from, computed as the agent does it. */
function ownDigest(): string {
  const program = fields(JSON.parse(setting("PROGRAM", "{}")));
  const hash = createHash("sha256");
  for (const file of Array.isArray(program["files"]) ? program["files"] : []) {
    const content = createHash("sha256")
      .update(readFileSync(join(import.meta.dirname, String(file))))
      .digest("hex");
    hash.update(`file ${String(file)} ${content}\n`);
  }
  const variables = Object.entries(fields(program["env"])).sort(([a], [b]) => (a < b ? -1 : 1));
  return `sha256:${hash.update(`${JSON.stringify([program["args"], variables])}\n`).digest("hex")}`;
}
