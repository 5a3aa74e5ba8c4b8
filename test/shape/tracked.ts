import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");

/** Paths of every file of the repository that git knows and that is still there, relative to its root. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 16 * 1024 * 1024 });
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(path.join(root, file)));
  if (files.length === 0) throw new Error("git lists no files: a test that looks at nothing is a failure");
  return files;
}

export function textOf(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Tracked files that the expression names; none is a failure, because the test would then prove nothing. */
export function filesLike(expression: RegExp): readonly string[] {
  const files = trackedFiles().filter((file) => expression.test(file));
  if (files.length === 0) throw new Error(`no tracked file is like ${expression}`);
  return files;
}

/** `file:line: text` of every line that matches, for messages that an editor can follow. */
export function linesLike(files: readonly string[], expression: RegExp): readonly string[] {
  return files.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) => (expression.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}
