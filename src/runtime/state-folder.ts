import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";

/** The owner alone reads; as root others may pass, because PostgreSQL then runs as another user below this folder. */
const ownersOnly = 0o700;
const othersPass = 0o711;

/**
 * Makes the state folder and every parent that is missing, so that whoever runs the database may pass. A folder that
 * existed keeps its mode, but the state folder itself, as root, lets others pass. Independent of the umask.
 */
export function makeStateFolder(folder: string): void {
  const asRoot = process.getuid?.() === 0;
  const mode = asRoot ? othersPass : ownersOnly;
  for (const missing of missingFolders(folder)) {
    mkdirSync(missing, { recursive: true });
    chmodSync(missing, mode);
  }
  if (!asRoot) return;
  const current = statSync(folder).mode & 0o777;
  if ((current & 0o001) === 0) chmodSync(folder, current | 0o001);
}

/** From the outermost to the folder itself. */
function missingFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let current = path.resolve(folder); !existsSync(current); current = path.dirname(current)) missing.push(current);
  return missing.toReversed();
}
