import { outputLimits } from "#core/plan/act-request.ts";
import { longestSecret, type Printed } from "#core/plan/output.ts";

/** UTF-8 takes four bytes for a character at most. */
const bytesPerCharacter = 4;
const headBytes = (outputLimits.head + longestSecret) * bytesPerCharacter;
const tailBytes = (outputLimits.tail + longestSecret) * bytesPerCharacter;

/** Keeps the beginning and the end of a stream of any length. */
export interface Printing {
  readonly take: (chunk: Buffer) => void;
  readonly printed: () => Printed;
}

export function printing(): Printing {
  const head: Buffer[] = [];
  let inHead = 0;
  let tail: Buffer = Buffer.alloc(0);
  let bytes = 0;
  return {
    take: (chunk) => {
      bytes += chunk.length;
      const first = chunk.subarray(0, Math.max(0, headBytes - inHead));
      if (first.length > 0) head.push(Buffer.from(first));
      inHead += first.length;
      const rest = chunk.subarray(first.length);
      if (rest.length === 0) return;
      // Doubled room before it is cut down: a copy for each few bytes would take longer than the command.
      tail = Buffer.concat([tail, rest]);
      if (tail.length > 2 * tailBytes) tail = Buffer.from(tail.subarray(-tailBytes));
    },
    printed: () => {
      const begin = Buffer.concat(head);
      const isWhole = begin.length + tail.length === bytes;
      // What was kept without a gap is one text, so that nothing is parted at the border between the two.
      if (isWhole && tail.length <= tailBytes) return { head: decode(Buffer.concat([begin, tail])), tail: null, bytes };
      return { head: decode(begin), tail: decode(tail.subarray(-tailBytes)), bytes };
    },
  };
}

function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}
