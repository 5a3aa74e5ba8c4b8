import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import semver from "semver";
import { compareVersions, parseRange, parseVersion, satisfies } from "#core/release/semver.ts";

const small = fc.integer({ min: 0, max: 4 });
const preRelease = fc.option(fc.constantFrom("0", "1", "rc", "rc.1", "rc.2", "alpha.beta", "alpha.1"), { nil: null });
const versions = fc
  .tuple(small, small, small, preRelease)
  .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre === null ? "" : `-${pre}`}`);
const partials = fc.oneof(
  versions,
  fc.tuple(small, small).map(([a, b]) => `${a}.${b}`),
  small.map(String),
  fc.tuple(small, fc.constantFrom("x", "*", "X")).map(([a, x]) => `${a}.${x}`),
  fc.tuple(small, small, fc.constantFrom("x", "*")).map(([a, b, x]) => `${a}.${b}.${x}`),
  fc.constantFrom("*", "x"),
);
const comparators = fc
  .tuple(fc.constantFrom("", "=", ">", ">=", "<", "<=", "^", "~", "~>", ">= ", "< ", "^ ", "~ "), partials)
  .map(([operator, version]) => `${operator}${version}`);
const ranges = fc.oneof(
  comparators,
  fc.tuple(comparators, comparators).map(([a, b]) => `${a} ${b}`),
  fc.tuple(partials, partials).map(([a, b]) => `${a} - ${b}`),
  fc.tuple(comparators, comparators).map(([a, b]) => `${a} || ${b}`),
  fc.constant(""),
);

test("a version satisfies a range exactly when the semver package says so", () => {
  fc.assert(
    fc.property(versions, ranges, (version, range) => {
      // The package drops every alternative beside one that allows all releases, and with it the pre-releases that the
      // others name; ours keeps them: what somebody names is meant.
      fc.pre(
        !range.includes("||") ||
          !range
            .split("||")
            .some((part) => new semver.Range(part).range === "*" || new semver.Range(part).range === ""),
      );
      const parsed = parseVersion(version);
      const wanted = parseRange(range);
      assert.ok(parsed !== null && wanted !== null, `${version} / ${range} must be readable`);
      assert.equal(satisfies(parsed, wanted), semver.satisfies(version, range), `${version} in ${range}`);
    }),
    { numRuns: 5000 },
  );
});

test("versions compare exactly as the semver package says", () => {
  fc.assert(
    fc.property(versions, versions, (a, b) => {
      const left = parseVersion(a);
      const right = parseVersion(b);
      assert.ok(left !== null && right !== null);
      assert.equal(Math.sign(compareVersions(left, right)), semver.compare(a, b));
    }),
  );
});

for (const [version, range, expected] of [
  ["2.10.0", ">= 2.9.0", true],
  ["3.2.0", ">=3.2", true],
  ["3.1.0", ">=3.2", false],
  ["3.3.0-rc.1", ">=3.2", false],
  ["1.2.3+build.7", "=1.2.3", true],
  ["v1.2.3", "^1", true],
  ["0.2.9", "^0.2.3", true],
  ["0.3.0", "^0.2.3", false],
] as const) {
  test(`${version} is ${expected ? "inside" : "outside"} of ${range}`, () => {
    const parsed = parseVersion(version);
    const wanted = parseRange(range);
    assert.ok(parsed !== null && wanted !== null);
    assert.equal(satisfies(parsed, wanted), expected);
  });
}

for (const broken of ["latest", "1.2", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3-", "", "1.2.3-a..b", "9".repeat(300)]) {
  test(`${broken.slice(0, 12) || "the empty text"} is no version`, () => assert.equal(parseVersion(broken), null));
}

for (const broken of [">=latest", "1.2.3.4", ">> 1", "git+ssh://x", "^", "1 -"]) {
  test(`${broken} is no range`, () => assert.equal(parseRange(broken), null));
}
