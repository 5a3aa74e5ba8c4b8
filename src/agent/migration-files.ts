import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { readFileName, type MigrationScript } from "#core/migration/decide.ts";
import { directivesOf, lintScript, type ScriptFinding } from "#core/migration/lint.ts";
import { readScript } from "#core/migration/tokens.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A script of more than this is data and not a change of a schema. */
const scriptBytes = 1024 * 1024;

/** What the process that migrates is to do; see `migrate.ts`. */
export const migrationJob = z.strictObject({
  database: z.string(),
  service: z.string(),
  direction: z.enum(["up", "back"]),
  /** Key of the step, the same for each of its tries. */
  key: z.string(),
  fence: z.int(),
  appliedUnder: z.string().nullable(),
  folder: z.string(),
  /** In `folder`: the scripts of the version for this database. */
  files: z.array(z.string()),
  lockWithinMs: z.int(),
});
export type MigrationJob = z.infer<typeof migrationJob>;

export interface LoadedScript extends MigrationScript {
  readonly sql: string;
  readonly isTransactional: boolean;
  readonly undoSql: string | null;
  readonly isUndoTransactional: boolean;
}

/** The files of a version that belong to a database: those in a folder `migrations/DATABASE`. */
export function filesFor(database: string, files: readonly string[]): readonly string[] {
  return files.filter((file) => file.split("/").slice(-3, -1).join("/") === `migrations/${database}`);
}

interface Part {
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The scripts in the order of their numbers, or what is wrong with one of them. */
export function loadScripts({
  folder,
  files,
}: Pick<MigrationJob, "folder" | "files">): Result<readonly LoadedScript[], string> {
  const parts = new Map<string, Part>();
  for (const file of files) {
    const named = readFileName(basename(file));
    if (named === null) return err(`${file} is not named like 0001-add-note.up.sql or 0001-add-note.undo.sql.`);
    const bytes = readFileSync(join(folder, file));
    if (bytes.length > scriptBytes) return err(`${file} has more than ${scriptBytes} bytes.`);
    const checksum = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    parts.set(`${named.name} ${named.purpose}`, { file, sql: bytes.toString("utf8"), checksum });
  }
  const scripts: LoadedScript[] = [];
  for (const [key, up] of parts) {
    const [name = "", purpose] = key.split(" ");
    if (purpose === "undo") {
      if (!parts.has(`${name} up`)) return err(`${up.file} takes back ${name}, which is not there.`);
      continue;
    }
    const script = withUndo(name, up, parts.get(`${name} undo`) ?? null);
    if (!script.ok) return script;
    scripts.push(script.value);
  }
  return ok(scripts.toSorted((a, b) => a.number - b.number));
}

function withUndo(name: string, up: Part, undo: Part | null): Result<LoadedScript, string> {
  const { isTransactional, irreversible } = directivesOf(readScript(up.sql));
  if (undo === null && irreversible === null) {
    return err(
      `${up.file} has no undo; write ${name}.undo.sql, or "-- tidegate: irreversible because ..." at its top.`,
    );
  }
  if (undo !== null && irreversible !== null) return err(`${up.file} says that it is irreversible, and has an undo.`);
  const number = readFileName(basename(up.file))?.number ?? 0;
  const back = undo === null ? { irreversible: irreversible ?? "" } : { checksum: undo.checksum };
  const undoSql = undo?.sql ?? null;
  const isUndoTransactional = undo === null || directivesOf(readScript(undo.sql)).isTransactional;
  const { sql, checksum } = up;
  return ok({ number, name, checksum, undo: back, sql, isTransactional, undoSql, isUndoTransactional });
}

export function lintLoaded({ name, sql, undoSql }: LoadedScript): readonly ScriptFinding[] {
  const undone = undoSql === null ? [] : lintScript(`${name}.undo.sql`, undoSql, "undo");
  return [...lintScript(`${name}.up.sql`, sql), ...undone];
}
