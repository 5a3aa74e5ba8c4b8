import { createHash } from "node:crypto";

/**
 * Weak, because it leaves out `asOf`: two answers that differ only in the instant they were read at say the same. Equal
 * tags let a client keep what it shows.
 */
export function etagOf(body: unknown): string {
  const text = JSON.stringify(body, (name, value: unknown) => (name === "asOf" ? undefined : value));
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/** RFC 9110 §13.1.2: weak comparison with any of the list. */
export function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");
  return header.trim() === "*" || header.split(",").some((tag) => opaque(tag) === opaque(etag));
}
