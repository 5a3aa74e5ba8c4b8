import { promisify } from "node:util";
import zlib from "node:zlib";
import type { HttpBindings } from "@hono/node-server";
import type { Route } from "#contract/route.ts";
import { err, ok, type Result } from "#core/result.ts";
import { refuse, type Refused } from "#api/handler.ts";
import { parseJsonBytes, textFlaw } from "#api/json-text.ts";

/** Longest query string. */
export const maxQueryChars = 4096;

/** The query as one value per name; a name twice is refused, because two readers would take two different ones. */
export function readQuery(url: URL): Result<Readonly<Record<string, string>>, Refused> {
  if (url.search.length > maxQueryChars) {
    return err(refuse("invalid-request", `The query is longer than ${maxQueryChars} characters.`));
  }
  const seen = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const path = `query.${name.slice(0, 100)}`;
    if (seen.has(name)) return err(invalid([{ path, message: "stands twice" }]));
    const flaw = textFlaw(name) ?? textFlaw(value);
    if (flaw !== null) return err(invalid([{ path, message: flaw }]));
    seen.set(name, value);
  }
  // fromEntries makes own members of every name, `__proto__` included: the schema then refuses it as unknown.
  return ok(Object.fromEntries(seen));
}

export function invalid(problems: readonly { readonly path: string; readonly message: string }[]): Refused {
  const first = problems[0];
  const place = first === undefined ? "" : ` ${first.path}: ${first.message.replace(/\.$/, "")}.`;
  return refuse("invalid-request", `The request does not fit what is described in /openapi.json.${place}`, {
    problems,
  });
}

export interface ReadBody {
  readonly value: unknown;
  /** As it came, for the digest that an idempotency key is bound to. */
  readonly bytes: Uint8Array;
}

const none: ReadBody = { value: {}, bytes: new Uint8Array() };

/**
 * The body of a mutating call: its size is checked while it is read, its type before. No body is an empty object.
 * `incoming` is the same request as it came to the socket, where there is one.
 */
export async function readBody(
  request: Request,
  route: Route,
  incoming?: HttpBindings["incoming"],
): Promise<Result<ReadBody, Refused>> {
  if (route.method === "get") return ok(none);
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > route.bodyLimit) return err(tooLarge(route));
  // Without either header HTTP/1.1 says that there is no body, whatever stream the server shows in its place; a request
  // made inside the process has no headers of transport, so only a type tells that something is to be read.
  const isUnframed = declared === null && !request.headers.has("transfer-encoding");
  if (declared === "0" || (isUnframed && (request.body === null || !request.headers.has("content-type")))) {
    return ok(none);
  }
  const encoding = encodingOf(request, route);
  if (encoding === null) return err(notJson(route));
  // The server's parser lets no more come than was declared, so nothing has to be counted.
  const sent =
    declared === null || incoming === undefined
      ? await readBytes(request, route.bodyLimit)
      : await readDeclared(incoming);
  if (sent === null) return err(tooLarge(route));
  const unpacked = encoding === "gzip" ? await gunzip(sent, route) : ok(sent);
  if (!unpacked.ok) return unpacked;
  const bytes = unpacked.value;
  if (bytes.length === 0) return ok(none);
  const value = parseJsonBytes(bytes);
  return value.ok ? ok({ value: value.value, bytes }) : err(invalid([{ path: "body", message: value.error }]));
}

/** null: it is no JSON, or packed in a way that the route does not take. */
function encodingOf({ headers }: Request, { gzip }: Route): "none" | "gzip" | null {
  const type = headers.get("content-type") ?? "";
  if (!/^application\/json *(; *charset="?utf-8"? *)?$/i.test(type)) return null;
  const encoding = headers.get("content-encoding");
  if (encoding === null) return "none";
  return gzip && encoding.trim().toLowerCase() === "gzip" ? "gzip" : null;
}

function notJson({ gzip, notJson: more }: Route): Refused {
  const packed = gzip ? "with gzip or without content encoding" : "without content encoding";
  return refuse("not-json", `Send the body as application/json in UTF-8, ${packed}.${more === "" ? "" : ` ${more}`}`);
}

const unpack = promisify(zlib.gunzip);

/** Unpacking ends at the limit of the route, however much more would come. */
async function gunzip(packed: Uint8Array, route: Route): Promise<Result<Uint8Array, Refused>> {
  try {
    return ok(await unpack(packed, { maxOutputLength: route.bodyLimit }));
  } catch (error) {
    const isLarge = error instanceof RangeError;
    return err(isLarge ? tooLarge(route) : invalid([{ path: "body", message: "It is not what gzip makes." }]));
  }
}

function tooLarge({ operation, bodyLimit, gzip }: Route): Refused {
  const unpacked = gzip ? ", unpacked; send less at a time" : "";
  return refuse("too-large", `The body of ${operation} has at most ${bodyLimit} bytes${unpacked}.`);
}

/** All of a body whose length was declared. Rejects when the connection ends before it. */
function readDeclared(incoming: HttpBindings["incoming"]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    incoming.once("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    incoming.once("error", reject);
    incoming.once("close", () => reject(new Error("the connection ended before the body did")));
  });
}

/** Null as soon as there are more bytes than the limit; the rest is not read. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array | null> {
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await reader.read();
    if (chunk.done) return Buffer.concat(chunks, size);
    size += chunk.value.length;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(chunk.value);
  }
}
