import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { ok, type Result } from "#core/result.ts";
import { findPackage, isWritable, type EmbeddedFailure, type ServerUser } from "./platform.ts";

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package ships its library links as a list, because npm archives hold no links and install scripts are off. */
export function hydrateSymlinks(root: string): void {
  for (const { source, target } of missingSymlinks(root)) {
    const path = join(root, target);
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      // Another process that starts at the same moment has made it.
      if (!existsSync(path)) throw error;
    }
  }
}

function missingSymlinks(root: string): readonly { readonly source: string; readonly target: string }[] {
  const list = symlinkList.parse(JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8")));
  return list.filter(({ target }) => lstatSync(join(root, target), { throwIfNoEntry: false }) === undefined);
}

/**
 * A directory with `bin/postgres` that the server's user can read. An ordinary user runs the package where it lies;
 * root gets a copy below `home`, since `nobody` may be unable to enter the directories above `node_modules`.
 */
export function installBinaries(home: string, user: ServerUser | null): Result<string, EmbeddedFailure> {
  const found = findPackage();
  if (!found.ok) return found;
  const { root, version } = found.value;
  const runsInPlace = user === null && (missingSymlinks(root).length === 0 || isWritable(join(root, "native", "lib")));
  if (runsInPlace) {
    hydrateSymlinks(root);
    return ok(join(root, "native"));
  }
  const copy = join(home, `server-${version}`);
  if (!existsSync(copy)) copyBinaries(root, copy);
  return ok(join(copy, "native"));
}

/** Copies beside the final place and renames, so that a crash or a second starter never leaves half a copy. */
function copyBinaries(root: string, copy: string): void {
  const draft = `${copy}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  cpSync(join(root, "native"), join(draft, "native"), {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !path.endsWith(".a"),
  });
  hydrateSymlinks(draft);
  openToAll(draft);
  moveInto(draft, copy);
}

/** The umask of whoever installed the package or starts us must not shut out the user that runs the server. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(at);
    else if (entry.isFile()) chmodSync(at, (statSync(at).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Renames a finished directory into place; when another process was faster, its result stands and ours is dropped. */
export function moveInto(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
}
