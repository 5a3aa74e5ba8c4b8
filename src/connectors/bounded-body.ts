import { parseForeignJson } from "#connectors/foreign-json.ts";

/** The JSON of an answer; null for no body, and for what is no JSON or longer than `maxBytes`. */
export async function readBounded(response: Response, maxBytes: number): Promise<unknown> {
  if (response.body === null) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > maxBytes) return null;
    parts.push(part);
  }
  try {
    return parseForeignJson(Buffer.concat(parts).toString("utf8"));
  } catch {
    return null;
  }
}
