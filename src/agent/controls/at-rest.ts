import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ask, shown, type Ports } from "#agent/controls/call.ts";
import { said, type ProbeOutcome } from "#agent/controls/outcome.ts";
import type { ProbeOf } from "#agent/controls/settings.ts";
import { systemClock } from "#runtime/clock.ts";

/** What is looked through; beyond it nobody has looked, and that is no proof. */
const mostFiles = 2_000;
const mostBytes = 2 * 1024 ** 3;
/** File systems keep times to the second at worst. */
const clockSlackMs = 2_000;

/** Is what was stored through the version to be found in the files below it as plain text? */
export async function probeAtRest(
  { store, status, readBack, files, afterSeconds }: ProbeOf<"at-rest">,
  ports: Ports,
  nonce: string,
): Promise<ProbeOutcome> {
  const begunMs = systemClock.now().epochMilliseconds;
  const stored = await ask(store, ports, { nonce });
  if (stored.kind === "none" || !status.includes(stored.status)) {
    return said("inconclusive", "Nothing could be stored, so nothing was looked for.", { store: shown(stored) });
  }
  const read = await ask(readBack, ports, { nonce });
  const facts = { store: shown(stored), readBack: shown(read) };
  if (read.kind === "none" || !read.text.includes(nonce)) {
    return said("inconclusive", "What was stored could not be read back.", facts);
  }
  await delay(afterSeconds * 1000);
  try {
    return await search(files, nonce, begunMs - clockSlackMs, facts);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return said("inconclusive", `The files could not be read: ${why}.`, facts);
  }
}

async function search(
  places: readonly string[],
  nonce: string,
  sinceMs: number,
  facts: ProbeOutcome["facts"],
): Promise<ProbeOutcome> {
  let changed = 0;
  let bytes = 0;
  for (const file of await filesIn(places)) {
    const { mtimeMs, size } = await stat(file);
    if (mtimeMs < sinceMs) continue;
    changed += 1;
    bytes += size;
    if (bytes > mostBytes) return said("inconclusive", "More has changed than can be looked through.", facts);
    if (await holds(file, nonce))
      return said("failed", `What was stored is plain text in ${file}.`, { ...facts, file });
  }
  const looked = { ...facts, looked: `${changed} files with ${bytes} bytes that changed since` };
  if (changed === 0)
    return said("inconclusive", "None of the files changed, so what was stored is not in them.", looked);
  return said("proven", `What was stored is plain text in none of the ${changed} files that changed.`, looked);
}

async function filesIn(places: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const place of places) {
    if (!(await stat(place)).isDirectory()) {
      files.push(place);
      continue;
    }
    const inside = await readdir(place, { recursive: true, withFileTypes: true });
    files.push(...inside.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
    if (files.length > mostFiles) throw new Error(`there are more than ${mostFiles}`);
  }
  return files;
}

/** In any of the ways in which a text is stored as it is. */
async function holds(file: string, nonce: string): Promise<boolean> {
  const forms = [
    Buffer.from(nonce, "utf8"),
    Buffer.from(nonce, "utf16le"),
    Buffer.from(nonce.replaceAll("-", ""), "hex"),
  ];
  const overlap = Math.max(...forms.map(({ length }) => length)) - 1;
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file)) {
    const text = Buffer.concat([tail, Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))]);
    if (forms.some((form) => text.includes(form))) return true;
    tail = Buffer.from(text.subarray(-overlap));
  }
  return false;
}
