import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { closedToOthers } from "#runtime/postgres/platform.ts";
import { makeStateFolder } from "#runtime/state-folder.ts";

function modeOf(folder: string): number {
  return statSync(folder).mode & 0o777;
}

test("Every parent that is made lets the database's user pass, whatever the umask says", () => {
  const root = mkdtempSync(path.join(tmpdir(), "tidegate-folder-"));
  const before = process.umask(0o077);
  try {
    const folder = path.join(root, "lib", "tidegate", "demo");
    makeStateFolder(folder);
    const asRoot = process.getuid?.() === 0;
    const made = [path.dirname(path.dirname(folder)), path.dirname(folder), folder].map(modeOf);
    assert.deepEqual(made, Array(3).fill(asRoot ? 0o711 : 0o700));
    if (asRoot) assert.equal(closedToOthers(folder, modeOf), root, "only what was there before is closed");
  } finally {
    process.umask(before);
    rmSync(root, { recursive: true, force: true });
  }
});
