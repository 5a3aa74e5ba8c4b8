import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

/** The built pages, whole in memory: a path that is not a key of this map is not served, so none can lead outside. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name has a hash of its content. */
  readonly immutable: boolean;
}

export const maxStaticBytes = 32 * 1024 * 1024;
export const maxStaticFiles = 2000;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** Reads the folder once at the start. Throws when it is larger than the limits: it is not the folder that was meant. */
export async function loadStaticFiles(root: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  let size = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = types[extname(path)];
    if (type === undefined) continue;
    const bytes = new Uint8Array(await readFile(path));
    size += bytes.length;
    if (size > maxStaticBytes || files.size >= maxStaticFiles)
      throw new RangeError(`${root} is too large to be served`);
    const name = `/${relative(root, path).split(sep).join("/")}`;
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
    files.set(name, { bytes, type, etag, immutable: name.startsWith("/assets/") });
  }
  return files;
}

/**
 * The file at the path, or the start page for a path of the UI's own (no extension, a browser asks for a page); null
 * for everything else. `/v1/…` is never a page.
 */
export function findStaticFile(files: StaticFiles, path: string, accept: string): StaticFile | null {
  const exact = files.get(path === "/" ? "/index.html" : path);
  if (exact !== undefined) return exact;
  const isPage = accept.includes("text/html") && extname(path) === "" && !path.startsWith("/v1/");
  return isPage ? (files.get("/index.html") ?? null) : null;
}
