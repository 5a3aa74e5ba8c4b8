import { err, ok, type Result } from "#core/result.ts";

/** Turns a JSON value into a `T` or throws a `DecodeError` that names the place. */
export type Decoder<T> = (value: unknown, path: string) => T;

/** The only exception of this module; `decodeWith` turns it into a value. */
class DecodeError extends Error {}

/** What did not fit, with its place: `approvals[2].at: not an instant`. */
export interface DecodeFault {
  readonly code: "unreadable";
  readonly message: string;
}

export function decodeWith<T>(decoder: Decoder<T>, value: unknown): Result<T, DecodeFault> {
  try {
    return ok(decoder(value, "$"));
  } catch (error) {
    if (error instanceof DecodeError) return err({ code: "unreadable", message: error.message });
    throw error;
  }
}

function fail(path: string, expected: string): never {
  throw new DecodeError(`${path}: not ${expected}`);
}

export const text: Decoder<string> = (value, path) => (typeof value === "string" ? value : fail(path, "a text"));

export const number: Decoder<number> = (value, path) => (typeof value === "number" ? value : fail(path, "a number"));

export const flag: Decoder<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");

export function oneOf<const T extends string>(values: readonly T[]): Decoder<T> {
  return (value, path) => {
    const found = values.find((candidate) => candidate === value);
    return found ?? fail(path, `one of ${values.join(", ")}`);
  };
}

export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null ? null : decoder(value, path));
}

/** Facts that older records do not have read as what was true when nobody kept them. */
export function orElse<T>(absent: T, decoder: Decoder<T>): Decoder<T> {
  return (value, path) => (value === undefined ? absent : decoder(value, path));
}

/** A literal text or whatever the other decoder reads. */
export function literalOr<const L extends string, T>(literals: readonly L[], decoder: Decoder<T>): Decoder<L | T> {
  return (value, path) => literals.find((candidate) => candidate === value) ?? decoder(value, path);
}

export function list<T>(decoder: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, "a list");
    return value.map((item: unknown, index) => decoder(item, `${path}[${index}]`));
  };
}

export function record<T>(decoder: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return (value, path) => {
    const source = fields(value, path);
    return new Map(Object.keys(source).map((key) => [key, decoder(source[key], `${path}.${key}`)]));
  };
}

type Shape<T> = { readonly [K in keyof T]-?: Decoder<T[K]> };

/** An object with exactly these members; a member that is not listed is refused, so nothing is lost on the way. */
export function object<T extends object>(shape: Shape<T>): Decoder<T> {
  return (value, path) => {
    const source = fields(value, path);
    const result: Partial<T> = {};
    for (const key of Object.keys(source)) if (!(key in shape)) fail(`${path}.${key}`, "expected here");
    for (const key in shape) result[key] = shape[key](source[key], `${path}.${key}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parser: every key of the shape has been decoded, and the shape has every key of T.
    return result as T;
  };
}

/** Only the members that are there: absent stays absent. */
export function partial<T extends object>(shape: Shape<Required<T>>): Decoder<T> {
  return (value, path) => {
    const source = fields(value, path);
    const result: Partial<Required<T>> = {};
    for (const key of Object.keys(source)) if (!(key in shape)) fail(`${path}.${key}`, "expected here");
    for (const key in shape) if (source[key] !== undefined) result[key] = shape[key](source[key], `${path}.${key}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parser: all members of T are optional, and each that is present has been decoded.
    return result as T;
  };
}

/** An object with members that records of before do not have: those stay absent. */
export function extended<T extends object, O extends object>(
  plain: Decoder<T>,
  later: Shape<Required<O>>,
): Decoder<T & O> {
  const optional = partial<O>(later);
  return (value, path) => {
    const members = Object.entries(fields(value, path));
    const isLater = ([key]: readonly [string, unknown]): boolean => key in later;
    return {
      ...plain(Object.fromEntries(members.filter((member) => !isLater(member))), path),
      ...optional(Object.fromEntries(members.filter(isLater)), path),
    };
  };
}

function fields(value: unknown, path: string): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, "an object");
  return { ...value };
}

export const instant = temporal("an instant", (value) => Temporal.Instant.from(value));
export const localDateTime = temporal("a local date and time", (value) => Temporal.PlainDateTime.from(value));
export const duration = temporal("a duration", (value) => Temporal.Duration.from(value));

function temporal<T>(expected: string, parse: (value: string) => T): Decoder<T> {
  return (value, path) => {
    const source = text(value, path);
    try {
      return parse(source);
    } catch {
      return fail(path, expected);
    }
  };
}
