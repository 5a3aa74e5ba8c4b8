import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { SourceFile } from "#config/source.ts";
import { usage } from "#cli/exit.ts";

/** A configuration has text files; a folder with more entries than this is the wrong folder. */
const maxEntries = 20_000;

/** The YAML files of a folder and its sub-folders, in order of path; or the one file that was named. */
export function readFolder(folder: string): readonly SourceFile[] {
  const names = listYaml(folder);
  if (names.length === 0) throw usage(`${folder} holds no .yaml or .yml file.`);
  return names.map((name) => ({ path: path.relative(process.cwd(), name) || name, text: readFileSync(name, "utf8") }));
}

function listYaml(start: string): readonly string[] {
  let stats;
  try {
    stats = statSync(start);
  } catch {
    throw usage(`There is no file or folder ${start}.`);
  }
  if (!stats.isDirectory()) return [start];
  const entries = readdirSync(start, { recursive: true, withFileTypes: true });
  if (entries.length > maxEntries)
    throw usage(`${start} has more than ${maxEntries} entries; name the folder of the configuration.`);
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
