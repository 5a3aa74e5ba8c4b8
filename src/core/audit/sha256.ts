import { toHex, utf8 } from "#core/audit/bytes.ts";

/**
 * `sha256:` and 64 hexadecimal digits over the UTF-8 bytes of the text (FIPS 180-4). For short texts where a pure zone
 * must name something by its content; whoever hashes much takes the function of the platform.
 */
export function sha256(text: string): string {
  const blocks = padded(utf8(text));
  const state = Uint32Array.from(initialState);
  for (let at = 0; at < blocks.length; at += 64) compress(state, blocks.subarray(at, at + 64));
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (const [place, word] of state.entries()) view.setUint32(4 * place, word);
  return `sha256:${toHex(digest)}`;
}

/** The message, a one bit, zeros, and its length in bits, in whole blocks of 64 bytes (§5.1.1). */
function padded(message: Uint8Array): Uint8Array {
  const blocks = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  blocks.set(message);
  blocks[message.length] = 0x80;
  new DataView(blocks.buffer).setBigUint64(blocks.length - 8, 8n * BigInt(message.length));
  return blocks;
}

/** One block (§6.2.2). */
function compress(state: Uint32Array, block: Uint8Array): void {
  const words = schedule(block);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (constants[t] ?? 0) + (words[t] ?? 0)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  for (const [place, word] of [a, b, c, d, e, f, g, h].entries()) state[place] = (state[place] ?? 0) + word;
}

function schedule(block: Uint8Array): Uint32Array {
  const words = new Uint32Array(64);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let t = 0; t < 16; t++) words[t] = view.getUint32(4 * t);
  for (let t = 16; t < 64; t++) {
    const near = words[t - 2] ?? 0;
    const far = words[t - 15] ?? 0;
    const one = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    const two = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
    words[t] = one + (words[t - 7] ?? 0) + two + (words[t - 16] ?? 0);
  }
  return words;
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits behind the point of a root; a prime below 312 has far more exact digits than that. */
function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

const primes = firstPrimes(64);
/** Square roots of the first eight primes (§5.3.3), cube roots of the first sixty-four (§4.2.2). */
const initialState = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const constants = primes.map((prime) => fraction(Math.cbrt(prime)));

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}
