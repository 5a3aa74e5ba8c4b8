import { outputLimits, type ActOutput } from "#core/plan/act-request.ts";

/** What takes the place of a secret. */
export const redacted = "[redacted]";

/**
 * Shapes of credentials that are known by their look. Each begins with a fixed text and repeats one class of characters,
 * so that no text takes longer than its length.
 */
const tokenShapes: readonly RegExp[] = [
  // GitHub, GitLab, Slack, npm, Docker Hub, Tidegate.
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|dckr_pat_|tg_)[A-Za-z0-9_-]{16,}/g,
  // AWS access keys, Google keys, Stripe and other keys with a prefix, Standard Webhooks.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  // JSON Web Tokens.
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  // Private keys, whole or cut off.
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s:,-]*/g,
  // What names itself: `password=...`, `Authorization: Bearer ...`, and passwords in addresses.
  /\b(?:bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi,
  /(?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*["']?[^\s"',;]{4,}/gi,
  /\/\/[^\s/:@]{1,100}:[^\s/@]{1,200}@/g,
];

/** Shorter literals would redact half of every text. */
const shortestSecret = 6;

/** Takes out the literals given, the longest first, and whatever looks like a credential. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let left = text;
  const literals = secrets.filter(({ length }) => length >= shortestSecret).toSorted((a, b) => b.length - a.length);
  for (const secret of literals) left = left.replaceAll(secret, redacted);
  for (const shape of tokenShapes) left = left.replace(shape, redacted);
  return left;
}

/** More unreadable characters than this share of a text, and it is no text. */
const unreadableShare = 0.1;

/**
 * Text for a terminal and a page: no control characters but line feed and tab, no escape sequences, no marks that turn the
 * direction of reading; lines end with a line feed. What is no text at all is named and not shown.
 */
export function clean(text: string): string {
  const plain = text.replace(escapes, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const readable = plain.replace(unreadable, "");
  const lost = plain.length - readable.length;
  return lost > plain.length * unreadableShare ? `(binary, not shown)` : readable;
}

// Colours, cursor movements and titles of terminals (ECMA-48): CSI, OSC up to its end, and the two-character ones.
const [bell, escape] = [String.fromCodePoint(7), String.fromCodePoint(27)];
const escapes = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?|[@-Z\\\\-_])`,
  "g",
);
const unreadable = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/gu;

/** What was printed: its beginning and, where the whole was not kept, its end. `bytes` counts all of it. */
export interface Printed {
  readonly head: string;
  /** null: the head is everything. */
  readonly tail: string | null;
  readonly bytes: number;
}

/**
 * Characters kept beyond the limits until secrets are out: one that lies across a cut is seen whole. Longer secrets are
 * not given to commands.
 */
export const longestSecret = 4_096;

/**
 * Redacted, cleaned, and cut at `outputLimits`. The head may end, and the tail begin, within a secret of at most
 * `longestSecret` characters: what lies in that margin is cut away after the redaction.
 */
export function toOutput({ head, tail, bytes }: Printed, secrets: readonly string[]): ActOutput {
  // Cleaned first, so that no control character in its middle hides a secret.
  const first = redact(clean(head), secrets);
  if (tail === null) {
    const { head: begin, tail: end } = outputLimits;
    if (first.length <= begin + end) return { text: first, bytes, isCut: false };
    return { text: joined(first.slice(0, begin), first.slice(-end)), bytes, isCut: true };
  }
  const last = redact(clean(tail), secrets).slice(longestSecret);
  return { text: joined(first.slice(0, outputLimits.head), last.slice(-outputLimits.tail)), bytes, isCut: true };
}

function joined(head: string, tail: string): string {
  return `${whole(head)}\n[... cut ...]\n${whole(tail)}`;
}

/** A cut may have parted a pair of code units. */
function whole(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
