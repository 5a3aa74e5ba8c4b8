/*
 * Everything that a run of the simulation leaves to chance comes from one 64-bit number. Each part draws from a stream of
 * its own name, so a new draw in one place moves nothing in another.
 */

export interface Random {
  /** In [0, 1). */
  readonly next: () => number;
  /** A whole number in [0, below). */
  readonly below: (below: number) => number;
  readonly chance: (probability: number) => boolean;
  /** Throws on an empty list. */
  readonly pick: <T>(from: readonly T[]) => T;
  /** One of the names, as often as its weight says. */
  readonly weighted: <Name extends string>(weights: Readonly<Record<Name, number>>) => Name;
  /** An independent stream. */
  readonly fork: (name: string) => Random;
}

const mask = 0xffff_ffff_ffff_ffffn;

export function randomOf(seed: bigint): Random {
  const start = seed & mask;
  const state = { a: 0, b: 0, c: 0, d: 1 };
  const first = mix(start);
  const second = mix(start + 0x9e37_79b9_7f4a_7c15n);
  state.a = Number(first & 0xffff_ffffn);
  state.b = Number(first >> 32n);
  state.c = Number(second & 0xffff_ffffn);
  const next = (): number => sfc32(state) / 2 ** 32;
  const below = (limit: number): number => Math.floor(next() * limit);
  for (let warm = 0; warm < 12; warm++) next();
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    weighted: (weights) => weighted(weights, next()),
    fork: (name) => randomOf(start ^ hashOf(name)),
  };
}

function weighted<Name extends string>(weights: Readonly<Record<Name, number>>, at: number): Name {
  const names = namesOf(weights).filter((name) => weights[name] > 0);
  let left = at * names.reduce((sum, name) => sum + weights[name], 0);
  for (const name of names) {
    left -= weights[name];
    if (left < 0) return name;
  }
  const last = names.at(-1);
  if (last === undefined) throw new Error("nothing has a weight");
  return last;
}

function namesOf<Name extends string>(of: Readonly<Record<Name, unknown>>): readonly Name[] {
  const isName = (key: string): key is Name => key in of;
  return Object.keys(of).filter(isName);
}

/** Small fast counter with 128 bits of state (Chris Doty-Humphrey's sfc). */
function sfc32(state: { a: number; b: number; c: number; d: number }): number {
  const sum = (state.a + state.b + state.d) | 0;
  state.d = (state.d + 1) | 0;
  state.a = state.b ^ (state.b >>> 9);
  state.b = (state.c + (state.c << 3)) | 0;
  state.c = ((state.c << 21) | (state.c >>> 11)) + sum;
  state.c |= 0;
  return sum >>> 0;
}

/** The finaliser of splitmix64. */
function mix(value: bigint): bigint {
  let mixed = (value + 0x9e37_79b9_7f4a_7c15n) & mask;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & mask;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & mask;
  return mixed ^ (mixed >> 31n);
}

/** FNV-1a in 64 bits. */
function hashOf(text: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const character of text) hash = ((hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100_0000_01b3n) & mask;
  return hash;
}
