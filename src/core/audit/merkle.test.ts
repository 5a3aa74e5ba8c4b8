import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { utf8 } from "#core/audit/bytes.ts";
import {
  consistencyProof,
  createHasher,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "#core/audit/merkle.ts";

const hasher = createHasher((bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()));
const hex = (bytes: Uint8Array) => bytes.toHex();
const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => hasher.leaf(utf8(`entry ${index}`)));

test("the fixed points of RFC 6962 hold", () => {
  assert.equal(hex(rootOf(hasher, [])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(hex(hasher.leaf(utf8(""))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  assert.equal(hex(hasher.leaf(utf8("L123456"))), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  assert.equal(
    hex(hasher.node(utf8("N123"), utf8("N456"))),
    "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
  );
});

test("every leaf of every small tree is proven, and no other leaf or place is", () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = leavesOf(size);
    const root = rootOf(hasher, leaves);
    for (const [index, leaf] of leaves.entries()) {
      const proof = inclusionProof(hasher, leaves, index);
      assert.ok(verifyInclusion(hasher, { index, size, leaf, root }, proof), `${index} of ${size}`);
      assert.ok(!verifyInclusion(hasher, { index: (index + 1) % (size + 1), size, leaf, root }, proof));
      assert.ok(!verifyInclusion(hasher, { index, size, leaf: hasher.leaf(utf8("other")), root }, proof));
    }
  }
});

test("every small tree is proven to continue every smaller one, and not one that was rewritten", () => {
  for (let second = 1; second <= 20; second++) {
    const leaves = leavesOf(second);
    const secondRoot = rootOf(hasher, leaves);
    for (let first = 1; first <= second; first++) {
      const proof = consistencyProof(hasher, leaves, first);
      const firstRoot = rootOf(hasher, leaves.slice(0, first));
      assert.ok(verifyConsistency(hasher, { first, firstRoot, second, secondRoot }, proof), `${first} to ${second}`);
      const rewritten = rootOf(hasher, [hasher.leaf(utf8("other")), ...leaves.slice(1, first)]);
      assert.ok(!verifyConsistency(hasher, { first, firstRoot: rewritten, second, secondRoot }, proof));
    }
  }
});

test("one flipped bit anywhere in a proof is noticed", () => {
  const leaves = leavesOf(37);
  const root = rootOf(hasher, leaves);
  fc.assert(
    fc.property(fc.nat(36), fc.nat(7), fc.nat(31), fc.nat(7), (index, step, byte, bit) => {
      const proof = inclusionProof(hasher, leaves, index).map((hash) => Uint8Array.from(hash));
      const hash = proof[step % proof.length];
      const leaf = leaves[index];
      if (hash === undefined || leaf === undefined) return;
      hash[byte] = (hash[byte] ?? 0) ^ (1 << bit);
      assert.ok(!verifyInclusion(hasher, { index, size: 37, leaf, root }, proof));
    }),
  );
});

interface Vectors {
  readonly cases: {
    readonly inclusion: readonly {
      readonly leafIdx: number;
      readonly treeSize: number;
      readonly root: string;
      readonly leafHash: string;
      readonly proof: readonly string[] | null;
      readonly desc: string;
      readonly wantErr: boolean;
    }[];
    readonly consistency: readonly {
      readonly size1: number;
      readonly size2: number;
      readonly root1: string;
      readonly root2: string;
      readonly proof: readonly string[] | null;
      readonly desc: string;
      readonly wantErr: boolean;
    }[];
  };
}

const file = new URL("../../../../shared/data/merkle-rfc6962/proofs.json", import.meta.url);
const skip = existsSync(file) ? false : "the published vectors are not part of the repository";
const bytes = (base64: string | null) => Uint8Array.fromBase64(base64 ?? "");

test("the published proofs verify, and the published forgeries do not", { skip }, (t) => {
  const { cases }: Vectors = JSON.parse(readFileSync(file, "utf8"));
  for (const { leafIdx, treeSize, root, leafHash, proof, desc, wantErr } of cases.inclusion) {
    const claim = { index: leafIdx, size: treeSize, leaf: bytes(leafHash), root: bytes(root) };
    assert.equal(verifyInclusion(hasher, claim, (proof ?? []).map(bytes)), !wantErr, `inclusion: ${desc}`);
  }
  for (const { size1, size2, root1, root2, proof, desc, wantErr } of cases.consistency) {
    const claim = { first: size1, firstRoot: bytes(root1), second: size2, secondRoot: bytes(root2) };
    assert.equal(verifyConsistency(hasher, claim, (proof ?? []).map(bytes)), !wantErr, `consistency: ${desc}`);
  }
  t.diagnostic(`${cases.inclusion.length} inclusion and ${cases.consistency.length} consistency cases`);
});
