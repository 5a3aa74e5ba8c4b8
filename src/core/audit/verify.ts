import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import { toHex, utf8 } from "#core/audit/bytes.ts";
import { entryMembers } from "#core/audit/entry.ts";
import { createHasher, merkleRoot, type HashBytes } from "#core/audit/merkle.ts";
import { err, ok, type Result } from "#core/result.ts";

/** An export that a stranger can check: the entries as canonical text, in order, and the root over them. */
export interface AuditExport {
  readonly format: "tidegate-audit-1";
  readonly size: number;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly root: string;
  readonly entries: readonly string[];
  /**
   * Leaf hashes as they were made when the entries were appended, in hexadecimal; absent in exports that carry none.
   * With them a changed entry is named; without them only the whole is known to be broken.
   */
  readonly leaves?: readonly string[];
}

export interface AuditFault {
  readonly code:
    | "not-an-export"
    | "wrong-size"
    | "not-an-entry"
    | "not-canonical"
    | "changed"
    | "repeated"
    | "wrong-root";
  /** Place of the first broken entry, counted from 0; null when no single entry can be named. */
  readonly place: number | null;
  readonly message: string;
}

const exportMembers: readonly string[] = ["format", "size", "root", "entries", "leaves"];

/** More entries than this in one file are refused: an export goes by period. */
export const maxExportEntries = 1_000_000;

/** The root over entries, as exports state it. `hash` is SHA-256. */
export function auditRoot(entries: readonly string[], hash: HashBytes): string {
  return `sha256:${toHex(merkleRoot(hash, entries.map(utf8)))}`;
}

/**
 * Checks an export without any server: every entry whole and canonical, each id once, each text the one that was hashed
 * when it was appended (where the export carries those hashes), and the root over all of them, in order, as stated. The first broken place is named. What the check cannot see is an export that was
 * made anew as a whole; for that its root is compared with one that was kept elsewhere.
 */
export function verifyExport(
  text: string,
  hash: HashBytes,
): Result<{ readonly size: number; readonly root: string }, AuditFault> {
  const bundle = parseExport(text);
  if (bundle === null)
    return fault("not-an-export", null, "This is not an export of the audit log (tidegate-audit-1).");
  const { entries, size, root } = bundle;
  if (entries.length !== size) {
    return fault("wrong-size", null, `The export states ${size} entries and holds ${entries.length}.`);
  }
  const broken = firstBroken(entries);
  if (broken !== null) return err(broken);
  const changed = firstChanged(bundle, hash);
  if (changed !== null) {
    return fault("changed", changed, `Entry ${changed}: the text is not the one that was hashed when it was appended.`);
  }
  const computed = auditRoot(entries, hash);
  if (computed !== root) {
    const message = `The entries hash to ${computed}, and the export states ${root}: an entry was changed, added, removed or moved.`;
    return fault("wrong-root", null, message);
  }
  return ok({ size, root });
}

function fault(code: AuditFault["code"], place: number | null, message: string): Result<never, AuditFault> {
  return err({ code, place, message });
}

function parseExport(text: string): AuditExport | null {
  const value = parseJson(text);
  if (!isObject(value) || value["format"] !== "tidegate-audit-1") return null;
  // A member that nobody reads is refused: "leaves" under another name must not switch the check of leaves off.
  if (Object.keys(value).some((key) => !exportMembers.includes(key))) return null;
  const { size, root, entries, leaves } = value;
  if (typeof size !== "number" || typeof root !== "string" || !Array.isArray(entries)) return null;
  const texts = entries.filter((entry: unknown) => typeof entry === "string");
  if (texts.length !== entries.length || texts.length > maxExportEntries) return null;
  const bundle = { format: "tidegate-audit-1", size, root, entries: texts } as const;
  if (leaves === undefined) return bundle;
  if (!Array.isArray(leaves) || leaves.length !== texts.length) return null;
  const hashes = leaves.filter((leaf: unknown) => typeof leaf === "string");
  return hashes.length === leaves.length ? { ...bundle, leaves: hashes } : null;
}

function firstChanged({ entries, leaves }: AuditExport, hash: HashBytes): number | null {
  if (leaves === undefined) return null;
  const hasher = createHasher(hash);
  const place = entries.findIndex((entry, index) => toHex(hasher.leaf(utf8(entry))) !== leaves[index]);
  return place === -1 ? null : place;
}

function firstBroken(entries: readonly string[]): AuditFault | null {
  const seen = new Set<string>();
  for (const [place, text] of entries.entries()) {
    const entry = parseJson(text);
    const missing = entryMembers.find((member) => !isObject(entry) || !(member in entry));
    if (!isObject(entry) || missing !== undefined) {
      return { code: "not-an-entry", place, message: `Entry ${place}: ${missing ?? "everything"} is missing.` };
    }
    if (!isCanonical(entry, text)) {
      return { code: "not-canonical", place, message: `Entry ${place}: the text is not in canonical form.` };
    }
    const { id, at } = entry;
    if (typeof id !== "string" || typeof at !== "string" || instantOf(at) === null) {
      return { code: "not-an-entry", place, message: `Entry ${place}: id or instant cannot be read.` };
    }
    if (seen.has(id)) return { code: "repeated", place, message: `Entry ${place}: ${id} is there twice.` };
    seen.add(id);
  }
  return null;
}

function isCanonical(entry: { readonly [key: string]: JsonValue }, text: string): boolean {
  try {
    return canonical(entry) === text;
  } catch {
    return false;
  }
}

function instantOf(text: string): Temporal.Instant | null {
  try {
    return Temporal.Instant.from(text);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}

/** What JSON.parse gives for an object has only JSON values inside. */
function isObject(value: unknown): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
