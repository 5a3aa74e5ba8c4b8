import { readFile, writeFile } from "node:fs/promises";
import { apiReference } from "#contract/api-reference.ts";
import { openApiText } from "#contract/openapi.ts";

const root = new URL("../", import.meta.url);
const version = String(JSON.parse(await readFile(new URL("package.json", root), "utf8")).version);

/** Everything that is generated from the contract and committed. */
const generated = { "openapi.json": openApiText(version), "docs/reference/api.md": apiReference() };

/** With `--check` nothing is written: exit 1 when a file is not what the contract says. */
const checks = process.argv.includes("--check");
for (const [path, text] of Object.entries(generated)) {
  const file = new URL(path, root);
  if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
  if (checks) {
    process.stderr.write(`${path} is stale: run node tools/generate-openapi.ts\n`);
    process.exitCode = 1;
  } else await writeFile(file, text);
}
