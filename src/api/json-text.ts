import { err, ok, type Result } from "#core/result.ts";

/** Deeper than any document of ours by a factor of four. */
export const maxJsonDepth = 32;
/** Members and items in one body; the largest configuration allowed has far fewer. */
export const maxJsonTokens = 200_000;

/**
 * JSON from a stranger. Refused beyond what the grammar refuses: nesting that is too deep, a name twice in one object
 * (two readers would see two values), `__proto__`, U+0000 and lone surrogates (the store cannot hold them), a byte
 * order mark, bytes that are not UTF-8. The error is a sentence.
 */
export function parseJsonBytes(bytes: Uint8Array): Result<unknown, string> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return err("The body is not UTF-8.");
  }
  const flaw = flawOf(text);
  if (flaw !== null) return err(flaw);
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return err("The body is not JSON.");
  }
}

/** One pass over strings and brackets, before anything is built. What is no JSON at all is left to `JSON.parse`. */
function flawOf(text: string): string | null {
  /** Names seen in each open object; null for an open list. */
  const open: (Set<string> | null)[] = [];
  let tokens = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : null);
      if (open.length > maxJsonDepth) return `The body is nested deeper than ${maxJsonDepth} levels.`;
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === ",") {
      if (++tokens > maxJsonTokens) return `The body has more than ${maxJsonTokens} members.`;
    } else if (character === '"') {
      const end = endOfString(text, at);
      const flaw = stringFlaw(text.slice(at, end + 1), open.at(-1) ?? null, isName(text, end));
      if (flaw !== null) return flaw;
      at = end;
    }
  }
  return null;
}

/** Index of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at, text.length - 1);
}

function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return text[at] === ":";
}

function stringFlaw(quoted: string, names: Set<string> | null, isMemberName: boolean): string | null {
  const value = unquote(quoted);
  if (value === null) return "The body is not JSON.";
  const flaw = textFlaw(value);
  if (flaw !== null) return flaw;
  if (!isMemberName || names === null) return null;
  if (value === "__proto__") return "The name __proto__ is not allowed.";
  if (names.has(value)) return `The name ${JSON.stringify(value.slice(0, 100))} stands twice in one object.`;
  names.add(value);
  return null;
}

function unquote(quoted: string): string | null {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

/** What the store cannot hold as text. */
export function textFlaw(text: string): string | null {
  if (text.includes("\u0000")) return "The character U+0000 is not allowed.";
  return text.isWellFormed() ? null : "A lone surrogate is not allowed.";
}
