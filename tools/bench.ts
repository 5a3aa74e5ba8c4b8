import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";

/** `npm run bench` runs every benchmark, `npm run bench -- NAME` one. Each prints JSON lines; see docs/reference/bench.md. */
const root = path.resolve(import.meta.dirname, "..");
const known = globSync("bench/*.ts", { cwd: root })
  .map((file) => path.basename(file, ".ts"))
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0 || known.length === 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  process.exit(2);
}
let failed = 0;
for (const name of asked.length === 0 ? known : asked) {
  const result = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--expose-gc", `bench/${name}.ts`],
    { cwd: root, stdio: "inherit" },
  );
  if (result.status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
