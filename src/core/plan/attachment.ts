/** Bounds of what people give with an answer: evidence, and no archive. */
export const fileLimits = { files: 5, bytes: 256 * 1024, nameChars: 100 } as const;

/**
 * A name under which a file may be kept and offered: the last part of a path, without what a terminal, a shell or a
 * reader could take for something else.
 */
export function cleanName(given: string): string {
  const last = given.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replace(/[^\p{L}\p{N}._ -]/gu, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. -]+/, "")
    .replace(/[. ]+$/, "");
  const kept = Array.from(plain).slice(0, fileLimits.nameChars).join("");
  return kept === "" ? "file" : kept;
}

/** The bytes of strict base64; null: it is none. */
export function decodedBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return null;
  }
}
