import type { IncomingMessage } from "node:http";

/** Headers between two neighbours only (RFC 9110, 7.6.1); what `Connection` names joins them. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Tells the caller which version answered; never taken over from a service. */
export const versionHeader = "x-tidegate-version";

/** Headers for the service, as a flat list that keeps repeated names and their order. */
export function forwardedHeaders(incoming: IncomingMessage): string[] {
  const kept = endToEnd(incoming);
  // Node frames a body by itself only for methods that usually have one; without this line a chunked body of a GET would
  // go on unframed, and its bytes could be read as the next request.
  if (incoming.headers["transfer-encoding"] !== undefined) kept.push("transfer-encoding", "chunked");
  return kept;
}

export function returnedHeaders(answer: IncomingMessage, version: string): string[] {
  const kept = endToEnd(answer);
  kept.push(versionHeader, version);
  return kept;
}

function endToEnd(message: IncomingMessage): string[] {
  const named = message.headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: string[] = [];
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] ?? "";
    const lower = name.toLowerCase();
    if (hopByHop.has(lower) || named.includes(lower) || lower === versionHeader) continue;
    kept.push(name, message.rawHeaders[index + 1] ?? "");
  }
  return kept;
}

/** Value of the first cookie of that name, or null. */
export function namedCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
