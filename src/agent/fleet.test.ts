import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf, findProgram, readFleet, type Program } from "#agent/fleet.ts";
import { containsAll } from "#agent/smoke.ts";

const folder = join(import.meta.dirname, "..", "..", "examples", "boutique", "fleet");
const catalogue = join(folder, "fleet.json");

test("Every program of the boutique is sealed: its digest is that of its files and parameters", () => {
  const fleet = readFleet(catalogue);
  let looked = 0;
  for (const { name, versions } of fleet.services) {
    for (const [version, program] of Object.entries(versions)) {
      assert.equal(digestOf(folder, program), program.digest, `${name} ${version}: run seal.ts`);
      looked += 1;
    }
  }
  assert.ok(looked >= 20);
});

test("The calls in the catalogue lead to services of the catalogue", () => {
  const { services } = readFleet(catalogue);
  const names = new Set(services.map(({ name }) => name));
  for (const { name, calls } of services) for (const callee of calls) assert.ok(names.has(callee), `${name} ${callee}`);
});

test("A digest changes with any parameter, and not with the order of variables", () => {
  const program: Pick<Program, "files" | "args" | "env"> = { files: ["ad.ts"], args: [], env: { A: "1", B: "2" } };
  const digest = digestOf(folder, program);
  assert.equal(digestOf(folder, { ...program, env: { B: "2", A: "1" } }), digest);
  assert.notEqual(digestOf(folder, { ...program, env: { A: "1", B: "3" } }), digest);
  assert.notEqual(digestOf(folder, { ...program, args: ["x"] }), digest);
  assert.notEqual(digestOf(folder, { ...program, files: ["ad.ts", "kit.ts"] }), digest);
});

test("A program is found only with the digest that was approved", () => {
  const entry = readFleet(catalogue).services.find(({ name }) => name === "cart")?.versions["1.1.0"];
  assert.ok(entry !== undefined);
  const wanted = { service: "cart", version: "1.1.0", digest: entry.digest };
  assert.ok(findProgram(catalogue, wanted).ok);
  const other = findProgram(catalogue, { ...wanted, digest: `sha256:${"0".repeat(64)}` });
  assert.equal(!other.ok && other.error.code, "digest-mismatch");
  const unknown = findProgram(catalogue, { ...wanted, version: "__proto__" });
  assert.equal(!unknown.ok && unknown.error.code, "no-such-program");
});

for (const [title, found, expected, contains] of [
  ["more fields", { a: 1, b: 2 }, { a: 1 }, true],
  ["another value", { a: 1 }, { a: 2 }, false],
  ["a missing field", {}, { a: null }, false],
  ["a longer list", [1, 2], [1], false],
  ["a list of objects with more fields", [{ a: 1, b: 2 }], [{ a: 1 }], true],
  ["an object for a list", { 0: 1 }, [1], false],
] as const) {
  test(`An answer with ${title} ${contains ? "is" : "is not"} as expected`, () => {
    assert.equal(containsAll(found, expected), contains);
  });
}
