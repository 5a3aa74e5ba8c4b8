import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonical } from "#core/audit/canonical.ts";
import { factParts, maxInline } from "#core/policy/fact-parts.ts";
import { canonicalText } from "#core/policy/fact-text.ts";
import { factsToJson } from "#core/policy/facts-codec.ts";
import {
  aFreeze,
  anApproval,
  anEnvironment,
  aPerson,
  aRoute,
  aWindow,
  at,
  fakeHash,
  peopleOf,
  someFacts,
} from "#core/testing.ts";

const someOfAll = someFacts({
  at: at("2026-03-25T08:00:00.120Z"),
  windows: [aWindow()],
  freezes: [aFreeze("2026-03-24T00:00", "2026-03-27T12:00", { reason: 'Say "no" \\ Größe \u2028' })],
  routes: [aRoute({ validFor: Temporal.Duration.from("P14D") })],
  people: peopleOf(aPerson("zoe"), aPerson("ann"), aPerson("10"), aPerson("9")),
  approvals: [anApproval("ann"), anApproval("zoe", { at: at("2026-03-20T09:00:00.000001Z") })],
});

test("the parts are the members of the canonical facts, in their order, and those that are long have a digest", () => {
  const parts = factParts(someOfAll, fakeHash);
  assert.equal(
    `{${parts.map(({ name, json }) => `"${name}":${json()}`).join(",")}}`,
    canonical(factsToJson(someOfAll)),
  );
  for (const { digest, json } of parts) {
    assert.equal(digest, json().length > maxInline ? fakeHash(json()) : null);
  }
});

test("a part that is the same object is written and hashed once", () => {
  let hashed = 0;
  const hash = (text: string): string => {
    hashed += 1;
    return fakeHash(text);
  };
  const windows = Array.from({ length: 10 }, (_, n) => aWindow({ name: `window-${n}` }));
  const first = factParts(someFacts({ windows }), hash);
  const before = hashed;
  const second = factParts(someFacts({ windows, environment: anEnvironment({ name: "other" }) }), hash);
  const digestOf = (parts: typeof first): string | null | undefined =>
    parts.find(({ name }) => name === "windows")?.digest;
  assert.equal(digestOf(second), digestOf(first));
  assert.ok(before > 0);
  assert.equal(hashed, before);
});

test("texts of values are canonical whatever is in them", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      assert.equal(canonicalText(plain), canonical(JSON.parse(JSON.stringify(value))));
    }),
  );
});

test("instants are written as Temporal writes them", () => {
  const ms = fc.oneof(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 253_402_300_800_000 }));
  fc.assert(
    fc.property(ms, fc.constantFrom(0n, 1n, 1_000n), (epochMs, ns) => {
      const instant = Temporal.Instant.fromEpochNanoseconds(BigInt(epochMs) * 1_000_000n + ns);
      assert.equal(canonicalText(instant), `"${instant.toString()}"`);
    }),
  );
});

test("what has no canonical form is refused", () => {
  for (const broken of ["\ud800", Number.NaN, { a: Number.POSITIVE_INFINITY }]) {
    assert.throws(() => canonicalText(broken), RangeError);
  }
});
