/** SHA-256 or whatever the log is built with: core has no hash of its own. */
export type HashBytes = (bytes: Uint8Array) => Uint8Array;

/**
 * The hash tree of RFC 6962 §2.1 (RFC 9162 §2.1): leaves are hashed behind 0x00 and nodes behind 0x01, so neither can
 * stand for the other; the left subtree of `n` leaves holds the largest power of two below `n`.
 */
export interface Hasher {
  readonly hashSize: number;
  readonly leaf: (entry: Uint8Array) => Uint8Array;
  readonly node: (left: Uint8Array, right: Uint8Array) => Uint8Array;
  readonly empty: Uint8Array;
}

export function createHasher(hash: HashBytes): Hasher {
  const empty = hash(new Uint8Array(0));
  return {
    hashSize: empty.length,
    leaf: (entry) => hash(join([0], entry)),
    node: (left, right) => hash(join([1], left, right)),
    empty,
  };
}

function join(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** The root over entries in order: each is hashed as a leaf first. */
export function merkleRoot(hash: HashBytes, entries: readonly Uint8Array[]): Uint8Array {
  const hasher = createHasher(hash);
  return rootOf(hasher, entries.map(hasher.leaf));
}

/** The root over leaf hashes in order; for none the hash of nothing. */
export function rootOf(hasher: Hasher, leaves: readonly Uint8Array[]): Uint8Array {
  return rootBetween(hasher, leaves, 0, leaves.length);
}

function rootBetween(hasher: Hasher, leaves: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const only = leaves[from];
  if (to - from === 0 || only === undefined) return hasher.empty;
  if (to - from === 1) return only;
  const middle = from + splitOf(to - from);
  return hasher.node(rootBetween(hasher, leaves, from, middle), rootBetween(hasher, leaves, middle, to));
}

/** The largest power of two below `size`; `size` is at least 2. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The hashes that lead from leaf `index` to the root of the first `size` leaves, lowest first. */
export function inclusionProof(
  hasher: Hasher,
  leaves: readonly Uint8Array[],
  index: number,
  size: number = leaves.length,
): readonly Uint8Array[] {
  if (!isCount(index) || !isCount(size) || index >= size || size > leaves.length) {
    throw new RangeError(`no leaf ${index} among ${size} of ${leaves.length}`);
  }
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push(rootBetween(hasher, leaves, middle, to));
      to = middle;
    } else {
      path.push(rootBetween(hasher, leaves, from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** The hashes that show that the first `first` leaves are a beginning of the first `second` ones (RFC 6962 §2.1.2). */
export function consistencyProof(
  hasher: Hasher,
  leaves: readonly Uint8Array[],
  first: number,
  second: number = leaves.length,
): readonly Uint8Array[] {
  if (!isCount(first) || !isCount(second) || first < 1 || first > second || second > leaves.length) {
    throw new RangeError(`no proof from ${first} to ${second} of ${leaves.length} leaves`);
  }
  const path: Uint8Array[] = [];
  let from = 0;
  let to = second;
  let isWhole = true;
  while (to !== first) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      path.push(rootBetween(hasher, leaves, middle, to));
      to = middle;
    } else {
      path.push(rootBetween(hasher, leaves, from, middle));
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) path.push(rootBetween(hasher, leaves, from, to));
  return path.reverse();
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Does the proof lead from this leaf hash at `index` to the root of `size` leaves? Written from RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  hasher: Hasher,
  claim: { readonly index: number; readonly size: number; readonly leaf: Uint8Array; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![leaf, root, ...proof].every(({ length }) => length === hasher.hashSize)) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      hash = hasher.node(sibling, hash);
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && isEqual(hash, root);
}

export interface ConsistencyClaim {
  readonly first: number;
  readonly firstRoot: Uint8Array;
  readonly second: number;
  readonly secondRoot: Uint8Array;
}

/** Is the tree of `first` leaves a beginning of that of `second`? Written from RFC 9162 §2.1.4.2. */
export function verifyConsistency(hasher: Hasher, claim: ConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  const { first, firstRoot, second, secondRoot } = claim;
  if (!isCount(first) || !isCount(second) || first > second) return false;
  if (![firstRoot, secondRoot, ...proof].every(({ length }) => length === hasher.hashSize)) return false;
  if (first === second) return proof.length === 0 && isEqual(firstRoot, secondRoot);
  // Every tree continues the empty one, but only the root of nothing is the root of an empty tree.
  if (first === 0) return proof.length === 0 && isEqual(firstRoot, hasher.empty);
  const path = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof;
  return proof.length > 0 && walkConsistency(hasher, claim, path);
}

function walkConsistency(hasher: Hasher, claim: ConsistencyClaim, path: readonly Uint8Array[]): boolean {
  let place = claim.first - 1;
  let last = claim.second - 1;
  while (isOdd(place)) {
    place = half(place);
    last = half(last);
  }
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let older = start;
  let newer = start;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      older = hasher.node(sibling, older);
      newer = hasher.node(sibling, newer);
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      newer = hasher.node(newer, sibling);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && isEqual(older, claim.firstRoot) && isEqual(newer, claim.secondRoot);
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

/** Not a shift: a log may hold more than 2³¹ entries. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  let power = 1;
  while (power < value) power *= 2;
  return power === value;
}

export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
