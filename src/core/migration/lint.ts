import { readScript, type Script, type Statement, type Token } from "#core/migration/tokens.ts";
import { nameAt, tableFindings, type Problem } from "#core/migration/lint-table.ts";

/** What in a script is unsafe while the version before runs, and where. */
export interface ScriptFinding extends Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A word of a header: `-- tidegate: no-transaction`, `-- tidegate: accept CODE because REASON`. */
const directive = /^tidegate:\s*(.*)$/;
const acceptance = /^accept ([a-z-]+) because (.{5,500})$/;

export interface Directives {
  /** Its statements run one by one, because one of them cannot run in a transaction. */
  readonly isTransactional: boolean;
  /** Code → why it is done all the same. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Why it cannot be taken back; null: it can. */
  readonly irreversible: string | null;
  readonly unknown: readonly string[];
}

export function directivesOf({ header }: Pick<Script, "header">): Directives {
  const accepted = new Map<string, string>();
  const unknown: string[] = [];
  let isTransactional = true;
  let irreversible: string | null = null;
  for (const line of header) {
    const given = directive.exec(line)?.[1];
    if (given === undefined) continue;
    const taken = acceptance.exec(given);
    if (taken?.[1] !== undefined && taken[2] !== undefined) accepted.set(taken[1], taken[2]);
    else if (given === "no-transaction") isTransactional = false;
    else if (/^irreversible because .{5,500}$/.test(given)) irreversible = given.slice("irreversible because ".length);
    else unknown.push(given);
  }
  return { isTransactional, accepted, irreversible, unknown };
}

/**
 * Everything in a script that breaks the version that runs beside it, or holds a lock that it waits for (capability I5):
 * the expanding part of a change must be safe while the old version works, the contracting part follows when nobody needs
 * what goes. What cannot be read is a finding, and what is accepted with a reason in the header is none. Of a script that
 * takes another back only what would break the transaction is told.
 */
export function lintScript(file: string, sql: string, purpose: "up" | "undo" = "up"): readonly ScriptFinding[] {
  const script = readScript(sql);
  const { isTransactional, accepted, unknown } = directivesOf(script);
  const at = (token: Pick<Token, "line" | "column">, problem: Problem): ScriptFinding => ({
    file,
    line: token.line,
    column: token.column,
    ...problem,
  });
  const found = unknown.map((given) => at({ line: 1, column: 1 }, unknownDirective(given)));
  if (script.unreadable !== null) found.push(at(script.unreadable, unreadable(script.unreadable.what)));
  const fresh = new Set<string>();
  for (const statement of script.statements) {
    const [first] = statement;
    if (first === undefined) continue;
    const created = createdTable(statement);
    if (created !== null) fresh.add(created);
    for (const problem of transactionProblems(statement, isTransactional)) found.push(at(first, problem));
    if (purpose === "undo") continue;
    for (const { token, problem } of tableFindings(statement, fresh)) found.push(at(token, problem));
  }
  return found.filter(({ code }) => !accepted.has(code));
}

/** A table that this script makes: nobody uses it yet. */
function createdTable(statement: Statement): string | null {
  const words = statement.map(({ text }) => text);
  const [create, ...rest] = words;
  if (create !== "create") return null;
  const table = rest.indexOf("table");
  if (table < 0 || table > 2) return null;
  let at = table + 2;
  while (["if", "not", "exists"].includes(words[at] ?? "")) at += 1;
  return nameAt(statement, at).name;
}

const controls: ReadonlySet<string> = new Set([
  "begin",
  "commit",
  "rollback",
  "end",
  "abort",
  "start",
  "savepoint",
  "release",
]);

function transactionProblems(statement: Statement, isTransactional: boolean): readonly Problem[] {
  const words = statement.map(({ kind, text }) => (kind === "word" ? text : ""));
  const [first = "", second] = words;
  if (controls.has(first) || (first === "prepare" && second === "transaction")) {
    return [
      {
        code: "controls-transaction",
        message: `"${first}" decides over the transaction in which the script runs.`,
        remedy: "Leave it out: a script is one transaction, or says no-transaction in its header.",
      },
    ];
  }
  const needsNone = words.includes("concurrently") || first === "vacuum" || first === "checkpoint";
  if (!needsNone || !isTransactional) return [];
  return [
    {
      code: "needs-no-transaction",
      message: `"${words.slice(0, 3).join(" ")}" cannot run in a transaction.`,
      remedy: 'Put it alone into a script with "-- tidegate: no-transaction" at its top.',
    },
  ];
}

function unreadable(what: string): Problem {
  return {
    code: "unreadable",
    message: `A ${what} begins here and does not end, so nobody knows what the script does.`,
    remedy: "End it.",
  };
}

function unknownDirective(given: string): Problem {
  return {
    code: "unknown-directive",
    message: `"${given}" says nothing to Tidegate.`,
    remedy: "Write no-transaction, accept CODE because REASON, or irreversible because REASON.",
  };
}
