import { randomUUIDv7 } from "node:crypto";

/** Names one request in answers, log and record. */
export function newRequestId(): string {
  return `req_${randomUUIDv7().replaceAll("-", "")}`;
}
