/** A piece of a script. Words are in lower case; what is quoted keeps its case and is never a keyword. */
export interface Token {
  readonly kind: "word" | "quoted" | "text" | "mark";
  readonly text: string;
  /** From 1, in the script. */
  readonly line: number;
  readonly column: number;
  /** Place in the script: first character, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

/** The tokens of one statement, without the semicolon. */
export type Statement = readonly Token[];

export interface Script {
  readonly statements: readonly Statement[];
  /** Lines of comments before the first statement, without the dashes. */
  readonly header: readonly string[];
  /** A text, a comment or a name that does not end; null: everything can be read. */
  readonly unreadable: { readonly line: number; readonly column: number; readonly what: string } | null;
}

interface Cursor {
  readonly sql: string;
  readonly tokens: Token[];
  readonly header: string[];
  at: number;
  line: number;
  lineBegin: number;
}

/**
 * Statements of a script in the lexical structure of PostgreSQL: nested comments, names and texts in quotes, texts with
 * escapes, and texts between dollar signs. Linear in the length of the script; nothing of it is run.
 */
export function readScript(sql: string): Script {
  const cursor: Cursor = { sql, tokens: [], header: [], at: 0, line: 1, lineBegin: 0 };
  while (cursor.at < sql.length) {
    const { at, line, lineBegin } = cursor;
    const what = readNext(cursor);
    if (what !== null) return { ...split(cursor), unreadable: { line, column: at - lineBegin + 1, what } };
  }
  return { ...split(cursor), unreadable: null };
}

function split({ tokens, header }: Cursor): Pick<Script, "statements" | "header"> {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "mark" && token.text === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return { statements: statements.filter(({ length }) => length > 0), header };
}

const blank = /\s+/y;
const word = /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy;
const number = /\d[\w.]*/y;
const dollar = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;
const lineComment = /--[^\n]*/y;

/** Takes one token, comment or blank; returns what does not end. */
function readNext(cursor: Cursor): string | null {
  const { sql, at } = cursor;
  const first = sql[at] ?? "";
  if (take(cursor, blank) !== null) return null;
  const comment = take(cursor, lineComment);
  if (comment !== null) {
    if (cursor.tokens.length === 0) cursor.header.push(comment.slice(2).trim());
    return null;
  }
  if (sql.startsWith("/*", at)) return takeTo(cursor, endOfComment(sql, at)) ? null : "comment";
  if (first === '"') return takeQuoted(cursor, '"', false, "quoted") ? null : "name";
  if (first === "'") return takeQuoted(cursor, "'", false, "text") ? null : "text";
  if (/^e'/i.test(sql.slice(at, at + 2))) return takeQuoted(cursor, "'", true, "text") ? null : "text";
  const tag = match(cursor, dollar);
  if (tag !== null) {
    const end = sql.indexOf(tag, at + tag.length);
    if (end < 0) return "text between dollar signs";
    push(cursor, "text", end + tag.length);
    return null;
  }
  const name = match(cursor, word);
  if (name !== null) push(cursor, "word", at + name.length);
  else push(cursor, "mark", at + (match(cursor, number)?.length ?? 1));
  return null;
}

function match({ sql, at }: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? null;
}

function take(cursor: Cursor, pattern: RegExp): string | null {
  const found = match(cursor, pattern);
  if (found !== null) advance(cursor, cursor.at + found.length);
  return found;
}

function takeTo(cursor: Cursor, end: number): boolean {
  if (end < 0) return false;
  advance(cursor, end);
  return true;
}

/** Behind the end of a comment that may hold others; -1: it does not end. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith("/*", at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith("*/", at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** A doubled quote stands for itself; with escapes a backslash takes the next character along. */
function takeQuoted(cursor: Cursor, quote: string, hasEscapes: boolean, kind: Token["kind"]): boolean {
  const { sql } = cursor;
  const begin = sql.indexOf(quote, cursor.at) + 1;
  for (let at = begin; at < sql.length; at += 1) {
    if (hasEscapes && sql[at] === "\\") at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) {
        push(cursor, kind, at + 1);
        return true;
      }
      at += 1;
    }
  }
  return false;
}

function push(cursor: Cursor, kind: Token["kind"], to: number): void {
  const { sql, at: from, line, lineBegin, tokens } = cursor;
  const raw = sql.slice(from, to);
  const text = kind === "word" ? raw.toLowerCase() : kind === "quoted" ? raw.slice(1, -1) : raw;
  tokens.push({ kind, text, line, column: from - lineBegin + 1, from, to });
  advance(cursor, to);
}

function advance(cursor: Cursor, to: number): void {
  for (let end = cursor.sql.indexOf("\n", cursor.at); end >= 0 && end < to; end = cursor.sql.indexOf("\n", end + 1)) {
    cursor.line += 1;
    cursor.lineBegin = end + 1;
  }
  cursor.at = to;
}
