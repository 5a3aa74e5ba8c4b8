import { open, rename } from "node:fs/promises";

/** A crash leaves the old file or the new one, never a part of one. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
