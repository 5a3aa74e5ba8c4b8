import { createServer, connect, type NetConnectOpts, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { seededNumbers } from "#test/crash/injection.ts";

/** What befalls the bytes of a connection. `upstream` is the one that dials, `downstream` the one that answers. */
export type Trouble =
  | { readonly kind: "none" }
  /** Every piece of an answer comes later by so many milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Connections are cut, and new ones with them. */
  | { readonly kind: "drop" }
  /** Nobody hears anything any more, and nobody is told. */
  | { readonly kind: "half-open" }
  /** Each connection is cut when so many bytes of answers have passed; between the two, as the seed says. */
  | { readonly kind: "cut-after"; readonly bytes: readonly [number, number] }
  /** The answer that holds these bytes is kept back, and its connection cut: `times` times, after `spared` have passed. */
  | { readonly kind: "cut-on-reply"; readonly reply: Buffer; readonly times: number; readonly spared?: number }
  /** Bytes that mean nothing come in the place of an answer, `times` times. */
  | { readonly kind: "garbage"; readonly times: number }
  /** Answers come in pieces of so many bytes, one each millisecond. */
  | { readonly kind: "drip"; readonly bytes: number };

export interface FaultProxy {
  readonly port: number;
  /** For connections that are open and for those to come. */
  readonly set: (trouble: Trouble) => void;
  /** Cuts what is open now; returns how many. */
  readonly cutAll: () => number;
  /** How often each kind of trouble has struck. */
  readonly struck: (kind: Trouble["kind"]) => number;
  readonly open: () => number;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** CommandComplete of COMMIT: the transaction is durable, and whoever asked for it has not been told yet. */
export const commitReply = Buffer.from([0x43, 0, 0, 0, 0x0b, 0x43, 0x4f, 0x4d, 0x4d, 0x49, 0x54, 0]);

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Bytes of answers after which it is cut; drawn when that trouble first meets it. */
  limit: number | null;
  passed: number;
  /** The end of the piece before, in which a match may begin. */
  tail: Buffer;
  queue: Promise<void>;
}

interface State {
  trouble: Trouble;
  left: number;
  spared: number;
  readonly counts: Map<Trouble["kind"], number>;
  readonly pairs: Set<Pair>;
  readonly next: () => number;
}

/** A proxy on loopback that breaks what it is told to break, in the same way for the same seed. */
export async function faultProxy(to: NetConnectOpts, seed: number): Promise<FaultProxy> {
  const state: State = {
    trouble: { kind: "none" },
    left: 0,
    spared: 0,
    counts: new Map(),
    pairs: new Set(),
    next: seededNumbers(seed),
  };
  const server = createServer((near) => accept(state, near, to));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const cutAll = (): number => {
    const open = state.pairs.size;
    for (const pair of state.pairs) cut(state, pair);
    return open;
  };
  return {
    port,
    set: (trouble) => {
      state.trouble = trouble;
      state.left = "times" in trouble ? trouble.times : 0;
      state.spared = trouble.kind === "cut-on-reply" ? (trouble.spared ?? 0) : 0;
      for (const pair of state.pairs) pair.limit = null;
      if (trouble.kind === "drop") note(state, "drop", cutAll());
    },
    cutAll,
    struck: (kind) => state.counts.get(kind) ?? 0,
    open: () => state.pairs.size,
    [Symbol.asyncDispose]: async () => {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}

function note(state: State, kind: Trouble["kind"], times = 1): void {
  state.counts.set(kind, (state.counts.get(kind) ?? 0) + times);
}

function cut(state: State, pair: Pair): void {
  state.pairs.delete(pair);
  pair.near.destroy();
  pair.far.destroy();
}

function accept(state: State, near: Socket, to: NetConnectOpts): void {
  if (state.trouble.kind === "drop") {
    note(state, "drop");
    near.destroy();
    return;
  }
  const far = connect(to);
  const pair: Pair = { near, far, limit: null, passed: 0, tail: Buffer.alloc(0), queue: Promise.resolve() };
  state.pairs.add(pair);
  for (const socket of [near, far]) {
    socket.setNoDelay(true);
    socket.on("error", () => cut(state, pair));
    socket.on("close", () => cut(state, pair));
  }
  near.on("data", (piece: Buffer) => {
    if (state.trouble.kind === "half-open") note(state, "half-open");
    else far.write(piece);
  });
  far.on("data", (piece: Buffer) => {
    // One after the other, so that what is late stays in order.
    pair.queue = pair.queue.then(() => answer(state, pair, piece));
  });
}

async function answer(state: State, pair: Pair, piece: Buffer): Promise<void> {
  const { trouble } = state;
  if (!state.pairs.has(pair)) return;
  switch (trouble.kind) {
    case "none":
    case "drop":
      break;
    case "half-open":
      return note(state, "half-open");
    case "delay":
      note(state, "delay");
      await delay(trouble.ms);
      break;
    case "drip":
      note(state, "drip");
      for (let at = 0; at < piece.length; at += trouble.bytes) {
        pair.near.write(piece.subarray(at, at + trouble.bytes));
        await delay(1);
      }
      return;
    case "cut-after":
      return cutAfter(state, pair, piece, trouble.bytes);
    case "cut-on-reply":
      return cutOnReply(state, pair, piece, trouble.reply);
    case "garbage":
      return garble(state, pair, piece);
  }
  pair.near.write(piece);
}

function cutAfter(state: State, pair: Pair, piece: Buffer, [least, most]: readonly [number, number]): void {
  pair.limit ??= pair.passed + least + Math.floor(state.next() * (most - least));
  const room = pair.limit - pair.passed;
  pair.passed += piece.length;
  pair.near.write(piece.subarray(0, Math.max(0, room)));
  if (room > piece.length) return;
  note(state, "cut-after");
  pair.near.end();
  cut(state, pair);
}

function cutOnReply(state: State, pair: Pair, piece: Buffer, reply: Buffer): void {
  const seen = Buffer.concat([pair.tail, piece]);
  pair.tail = seen.subarray(Math.max(0, seen.length - reply.length + 1));
  if (state.left === 0 || !seen.includes(reply)) {
    pair.near.write(piece);
    return;
  }
  if (state.spared > 0) {
    state.spared--;
    pair.near.write(piece);
    return;
  }
  state.left--;
  note(state, "cut-on-reply");
  cut(state, pair);
}

function garble(state: State, pair: Pair, piece: Buffer): void {
  if (state.left === 0) {
    pair.near.write(piece);
    return;
  }
  state.left--;
  note(state, "garbage");
  pair.near.write(Buffer.from(piece.map(() => Math.floor(state.next() * 256))));
}
