/**
 * Semantic versions and their ranges, in the dialect of npm: comparators, `^`, `~`, x-ranges, hyphen ranges, `||`. A
 * pre-release satisfies a range only when a comparator of the same set names a pre-release of the same
 * major.minor.patch.
 */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Identifiers after the hyphen; numbers where they are numeric. Empty for a release. */
  readonly pre: readonly (string | number)[];
}

interface Comparator {
  readonly operator: "<" | "<=" | ">" | ">=" | "=";
  readonly version: Version;
}

/** Alternatives of sets of comparators that hold together; an empty set is met by every release. */
export type Range = readonly (readonly Comparator[])[];

/** Longer texts are not read: a version is written by whoever names an artifact. */
export const maxVersionLength = 256;
export const maxRangeLength = 1024;

const numeric = /^(?:0|[1-9]\d*)$/;
const identifier = /^[0-9A-Za-z-]+$/;

/** Texts of which the reading is kept; beyond them it starts over. Verdicts ask about the same few again and again. */
const maxReadingsKept = 4_096;

function remembered<T>(known: Map<string, T>, source: string, read: (source: string) => T): T {
  const kept = known.get(source);
  if (kept !== undefined) return kept;
  if (known.size >= maxReadingsKept) known.clear();
  const fresh = read(source);
  known.set(source, fresh);
  return fresh;
}

const versions = new Map<string, Version | null>();
const ranges = new Map<string, Range | null>();

/** A leading `v` is let through; null for what is no semantic version. */
export function parseVersion(source: string): Version | null {
  return source.length > maxVersionLength ? null : remembered(versions, source, readVersion);
}

function readVersion(source: string): Version | null {
  const parts = splitParts(source.trim().replace(/^v/, ""));
  if (parts === null || parts.numbers.length !== 3) return null;
  const [major, minor, patch] = parts.numbers;
  if (typeof major !== "number" || typeof minor !== "number" || typeof patch !== "number") return null;
  return { major, minor, patch, pre: parts.pre };
}

/** Negative, zero or positive, by the precedence of semver §11; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePre(a.pre, b.pre);
}

function comparePre(a: Version["pre"], b: Version["pre"]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifiers(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** null for a range that cannot be read: the caller must not take that for "any". */
export function parseRange(source: string): Range | null {
  return source.length > maxRangeLength ? null : remembered(ranges, source, readRange);
}

function readRange(source: string): Range | null {
  const sets: Comparator[][] = [];
  for (const alternative of source.split("||")) {
    const set = parseSet(alternative.trim());
    if (set === null) return null;
    sets.push(set);
  }
  return sets;
}

export function satisfies(version: Version, range: Range): boolean {
  return range.some((set) => set.every((comparator) => holds(version, comparator)) && mayBePre(version, set));
}

/** What the sign of the comparison with the bound has to be. */
const signs: Readonly<Record<Comparator["operator"], readonly number[]>> = {
  "<": [-1],
  "<=": [-1, 0],
  ">": [1],
  ">=": [1, 0],
  "=": [0],
};

function holds(version: Version, { operator, version: bound }: Comparator): boolean {
  return signs[operator].includes(Math.sign(compareVersions(version, bound)));
}

function mayBePre(version: Version, set: readonly Comparator[]): boolean {
  if (version.pre.length === 0) return true;
  return set.some(
    ({ version: bound }) =>
      bound.pre.length > 0 &&
      bound.major === version.major &&
      bound.minor === version.minor &&
      bound.patch === version.patch,
  );
}

function parseSet(source: string): Comparator[] | null {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(source);
  if (hyphen !== null) {
    const low = comparatorsOf(`>=${hyphen[1] ?? ""}`);
    const high = comparatorsOf(`<=${hyphen[2] ?? ""}`);
    return low === null || high === null ? null : [...low, ...high];
  }
  const set: Comparator[] = [];
  for (const word of source.replaceAll(/(>=|<=|>|<|=|\^|~>?)\s+/g, "$1").split(/\s+/)) {
    const comparators = comparatorsOf(word);
    if (comparators === null) return null;
    set.push(...comparators);
  }
  return set;
}

/** A version of which the last parts may be missing or `x`, `X`, `*`. */
interface Partial {
  readonly numbers: readonly (number | null)[];
  readonly pre: readonly (string | number)[];
}

function splitParts(source: string): Partial | null {
  const match = /^([^-+]+)(?:-([^+]+))?(?:\+(.+))?$/.exec(source);
  if (match === null) return null;
  const numbers: (number | null)[] = [];
  for (const part of (match[1] ?? "").split(".")) {
    if (/^[xX*]$/.test(part)) numbers.push(null);
    else if (numeric.test(part) && Number.isSafeInteger(Number(part))) numbers.push(Number(part));
    else return null;
  }
  const build = match[3]?.split(".") ?? [];
  if (numbers.length > 3 || !build.every((part) => identifier.test(part))) return null;
  const pre = readPre(match[2]);
  return pre === null ? null : { numbers, pre };
}

function readPre(source: string | undefined): (string | number)[] | null {
  if (source === undefined) return [];
  const pre: (string | number)[] = [];
  for (const part of source.split(".")) {
    if (!identifier.test(part)) return null;
    if (/^\d+$/.test(part)) {
      if (!numeric.test(part)) return null;
      pre.push(Number(part));
    } else pre.push(part);
  }
  return pre;
}

function comparatorsOf(word: string): Comparator[] | null {
  const match = /^(>=|<=|>|<|=|\^|~>|~)?v?(.*)$/.exec(word);
  const operator = match?.[1] ?? "";
  const rest = match?.[2] ?? "";
  if (rest === "") return operator === "" || operator === ">=" || operator === "<=" || operator === "=" ? [] : null;
  const parts = splitParts(rest);
  if (parts === null) return null;
  // A part behind an `x` does not count, whatever it says.
  const open = parts.numbers.findIndex((part) => part === null);
  const known = parts.numbers.slice(0, open === -1 ? parts.numbers.length : open).map((part) => part ?? 0);
  const [major, minor, patch] = known;
  if (major === undefined) return operator === "<" || operator === ">" ? [below(0, 0, 0)] : [];
  const version: Version = { major, minor: minor ?? 0, patch: patch ?? 0, pre: patch === undefined ? [] : parts.pre };
  switch (operator) {
    case "^":
      return caret(version, known.length);
    case "~":
    case "~>":
      return tilde(version, known.length);
    case "":
    case "=":
      return known.length === 3 ? [{ operator: "=", version }] : tilde(version, known.length);
    default:
      return known.length === 3
        ? [{ operator: toOperator(operator), version }]
        : openEnded(operator, version, known.length);
  }
}

function toOperator(text: string): Comparator["operator"] {
  return text === "<" || text === "<=" || text === ">" ? text : ">=";
}

/** `<` a bound with the lowest pre-release, so that pre-releases of the bound are outside as well. */
function below(major: number, minor: number, patch: number): Comparator {
  return { operator: "<", version: { major, minor, patch, pre: [0] } };
}

function nextAfter({ major, minor }: Version, known: number): Comparator {
  return known === 1 ? below(major + 1, 0, 0) : below(major, minor + 1, 0);
}

function tilde(version: Version, known: number): Comparator[] {
  return [{ operator: ">=", version }, nextAfter(version, known)];
}

function caret(version: Version, known: number): Comparator[] {
  const { major, minor, patch } = version;
  const from: Comparator = { operator: ">=", version };
  if (major > 0 || known === 1) return [from, below(major + 1, 0, 0)];
  if (minor > 0 || known === 2) return [from, below(0, minor + 1, 0)];
  return [from, below(0, 0, patch + 1)];
}

/** `>1`, `<=1.2` and their like: the bound moves to the edge of what the missing parts stand for. */
function openEnded(operator: string, version: Version, known: number): Comparator[] {
  const { major, minor } = version;
  const next: Version =
    known === 1 ? { major: major + 1, minor: 0, patch: 0, pre: [] } : { major, minor: minor + 1, patch: 0, pre: [] };
  switch (operator) {
    case ">":
      return [{ operator: ">=", version: next }];
    case "<":
      return [below(version.major, version.minor, version.patch)];
    case "<=":
      return [below(next.major, next.minor, next.patch)];
    default:
      return [{ operator: ">=", version }];
  }
}
