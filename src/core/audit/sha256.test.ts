import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { assert as assertProperty, property, string } from "fast-check";
import { sha256 } from "#core/audit/sha256.ts";

test("the digest of nothing and of the example of the standard", () => {
  assert.equal(sha256(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(sha256("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("any text has the digest that the platform gives it, whatever its length", () => {
  assertProperty(
    property(string({ unit: "grapheme", maxLength: 300 }), (text) => sha256(text) === `sha256:${hash("sha256", text)}`),
  );
});
