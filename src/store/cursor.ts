/*
 * Cursors of lists: opaque to whoever holds them, the last row's key to us. A text that no list has issued decodes to
 * null, and the list then ends: it leads nowhere, and certainly not back to the first page.
 */

export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

export function decodeCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
