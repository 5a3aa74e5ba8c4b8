import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { linesLike, textOf } from "./tracked.ts";

const names = z.record(z.string(), z.string()).default({});
const manifest = z
  .object({
    dependencies: names,
    optionalDependencies: names,
    devDependencies: names,
    allowScripts: z.record(z.string(), z.boolean()),
    engines: z.object({ node: z.string() }),
  })
  .parse(JSON.parse(textOf("package.json")));

const lockedPackage = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().default(false),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().default(false),
  optionalDependencies: names,
  dependencies: names,
  devDependencies: names,
});
const lock = z.object({ packages: z.record(z.string(), lockedPackage) }).parse(JSON.parse(textOf("package-lock.json")));
const installed = Object.entries(lock.packages)
  .filter(([at]) => at !== "")
  .map(([at, value]) => ({ name: at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length), ...value }));

/** Most packages that a running server may name; a new one needs a decision record and a place in this budget. */
const runtimeBudget = 25;

const anyUse = new Set([
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "Unlicense",
  "(MIT OR CC0-1.0)",
]);
/** Weak copyleft by file: fine for tools that are not shipped. */
const toolsOnly = new Set(["MPL-2.0"]);
/** Weak copyleft by file in what is shipped: used unmodified (docs/adr/0013). */
const unmodified = new Set(["ical.js"]);

test("every package has a licence from the list", () => {
  assert.ok(installed.length > 100, "the lock file names too few packages");
  const others = installed.filter(
    ({ name, license, dev }) =>
      license === undefined || !(anyUse.has(license) || ((dev || unmodified.has(name)) && toolsOnly.has(license))),
  );
  assert.deepEqual(
    others.map(({ name, license }) => `${name}: ${license}`),
    [],
  );
});

test(`the server names at most ${runtimeBudget} packages, each at one exact version`, () => {
  assert.ok(Object.keys(manifest.dependencies).length <= runtimeBudget);
  const all = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
  assert.deepEqual(
    Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
});

test("no package may run a script when it is installed", () => {
  assert.deepEqual(
    Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed),
    [],
  );
  const scripted = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  assert.deepEqual(scripted.toSorted(), Object.keys(manifest.allowScripts).toSorted());
  assert.match(textOf("tools/bootstrap/setup.mjs"), /"--ignore-scripts"/);
});

test("the lock file belongs to package.json, proves every file and names no host", () => {
  const own = lock.packages[""];
  assert.ok(own !== undefined);
  assert.deepEqual(own.dependencies, manifest.dependencies);
  assert.deepEqual(own.devDependencies, manifest.devDependencies);
  assert.deepEqual(own.optionalDependencies, manifest.optionalDependencies);
  assert.deepEqual(
    installed.filter(({ integrity }) => integrity === undefined).map(({ name }) => name),
    [],
  );
  assert.deepEqual(linesLike(["package-lock.json"], /"resolved"/), []);
});

test("optional packages of every platform are locked, not only those of the machine that wrote the lock file", () => {
  const known = new Set(installed.map(({ name }) => name));
  const missing = [lock.packages[""], ...installed].flatMap((entry) =>
    Object.keys(entry?.optionalDependencies ?? {}).filter((name) => !known.has(name)),
  );
  assert.deepEqual(missing, []);
});

test("Node is pinned alike in package.json, .nvmrc and the packages that carry it", () => {
  const pinned = textOf(".nvmrc").trim();
  assert.ok(manifest.engines.node.startsWith(`>=${pinned} `));
  const carried = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith("node-"));
  assert.equal(carried.length, 4);
  for (const [name, version] of carried) {
    assert.equal(version, pinned, name);
    assert.ok(textOf("tools/bootstrap/setup.mjs").includes(`"${name}"`), `${name} is not known to setup.mjs`);
    assert.ok(textOf("bin/tidegate").includes(name), `${name} is not known to bin/tidegate`);
  }
});
