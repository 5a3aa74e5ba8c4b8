import type { Exchange } from "#api/exchange.ts";
import { findStaticFile, type StaticFiles } from "#api/static-files.ts";
import { matchesEtag } from "#api/answer-text.ts";

/** A file of the UI, or null when the path is none. Files with a hash in their name are kept for a year. */
export function serveFile(files: StaticFiles | null, exchange: Exchange): Response | null {
  const { method, path } = exchange.req;
  if (files === null || (method !== "GET" && method !== "HEAD")) return null;
  const file = findStaticFile(files, path, exchange.req.raw.headers.get("accept") ?? "");
  if (file === null) return null;
  exchange.set("operation", "file");
  const headers = {
    "content-type": file.type,
    etag: file.etag,
    "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (matchesEtag(exchange.req.raw.headers.get("if-none-match"), file.etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(method === "HEAD" ? null : file.bytes, { headers });
}
