import { hash } from "node:crypto";

/** `sha256:` and 64 hexadecimal digits over the UTF-8 bytes of the text. */
export function sha256Of(text: string): string {
  // Joined first: of a text that was put together from many the hash fetches every piece by itself, at ten times the cost.
  return `sha256:${hash("sha256", [text, ""].join(""), "hex")}`;
}

/** The same over bytes. */
export function digestOfBytes(bytes: Uint8Array): string {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}

/** Version of the zone data that this process computes with, for example `2026c`. */
export function zoneData(): string {
  return process.versions["tz"] ?? "unknown";
}
