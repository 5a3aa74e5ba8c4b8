import type { Statement, Token } from "#core/migration/tokens.ts";

export interface Problem {
  /** Stable; what a script may accept with a reason. */
  readonly code:
    | "drops-column"
    | "renames-column"
    | "drops-object"
    | "renames-object"
    | "not-null-without-default"
    | "sets-not-null"
    | "changes-type"
    | "rewrites-table"
    | "locks-for-index"
    | "locks-for-constraint"
    | "locks-table"
    | "touches-all-rows"
    | "opaque"
    | "controls-transaction"
    | "needs-no-transaction"
    | "unreadable"
    | "unknown-directive";
  readonly message: string;
  readonly remedy: string;
}

interface Found {
  readonly token: Token;
  readonly problem: Problem;
}

/** What a statement does to those who use what it changes; tables in `fresh` are used by nobody yet. */
export function tableFindings(statement: Statement, fresh: ReadonlySet<string>): readonly Found[] {
  const [first] = statement;
  if (first === undefined) return [];
  const words = wordsOf(statement);
  const at = (found: Problem): readonly Found[] => [{ token: first, problem: found }];
  switch (words[0] ?? "") {
    case "alter":
      return words[1] === "table" ? alterTable(statement, fresh) : alterOther(words, at);
    case "drop":
      return at(dropped(words));
    case "create":
      return createIndex(statement, words, fresh);
    case "truncate":
      return at(problem("drops-object", "It empties a table that the running version reads.", expandFirst));
    case "delete":
    case "update":
      return words.includes("where") ? [] : at(allRows(first.text));
    case "lock":
    case "cluster":
      return at(problem("locks-table", "It keeps everybody out of a table.", "Do without the lock."));
    case "vacuum":
      return words.includes("full")
        ? at(problem("locks-table", "It rewrites a table and keeps everybody out.", "Leave FULL out."))
        : [];
    case "do":
    case "call":
    case "copy":
      return at(
        problem(
          "opaque",
          `What "${words[0]}" does cannot be seen here.`,
          "Write plain statements, or accept it with a reason.",
        ),
      );
    default:
      return [];
  }
}

const expandFirst =
  "Let a release that does not need it any more come first, and do this in a later script, accepted with the reason.";

function problem(code: Problem["code"], message: string, remedy: string): Problem {
  return { code, message, remedy };
}

/** What is quoted is no keyword. */
function wordsOf(tokens: readonly Token[]): readonly string[] {
  return tokens.map(({ kind, text }) => (kind === "word" ? text : kind === "mark" ? text : ""));
}

function allRows(verb: string): Problem {
  const message = `"${verb}" without a condition touches every row and holds all of them until its end.`;
  return problem("touches-all-rows", message, "Do it in parts with a condition, outside of the release.");
}

const columnParts: ReadonlySet<string> = new Set(["column", "if", "exists", "not"]);
/** What `drop` and `rename` in an `alter table` mean besides columns. */
const notColumns: ReadonlySet<string> = new Set(["constraint", "default", "expression", "identity", "not", "trigger"]);

function alterTable(statement: Statement, fresh: ReadonlySet<string>): readonly Found[] {
  const words = wordsOf(statement);
  let at = 2;
  while (["if", "exists", "only"].includes(words[at] ?? "")) at += 1;
  const { name, next } = nameAt(statement, at);
  if (fresh.has(name)) return [];
  return actionsOf(statement.slice(next)).flatMap((action): readonly Found[] => {
    const [token] = action;
    const found = token === undefined ? null : ofAction(action, name);
    return token === undefined || found === null ? [] : [{ token, problem: found }];
  });
}

/** `table` or `schema.table` as written: two names of one table are taken for two tables, which is the safe side. */
export function nameAt(statement: Statement, at: number): { readonly name: string; readonly next: number } {
  const first = statement[at]?.text ?? "";
  if (statement[at + 1]?.text !== ".") return { name: first, next: at + 1 };
  return { name: `${first}.${statement[at + 2]?.text ?? ""}`, next: at + 3 };
}

/** Parted by commas that stand in no brackets. */
function actionsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const actions: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const mark = token.kind === "mark" ? token.text : "";
    if (mark === "(") depth += 1;
    if (mark === ")") depth -= 1;
    if (mark === "," && depth === 0) actions.push([]);
    else actions.at(-1)?.push(token);
  }
  return actions;
}

function ofAction(action: readonly Token[], table: string): Problem | null {
  const words = wordsOf(action);
  const subject = action.find(({ text, kind }, index) => index > 0 && (kind === "quoted" || !columnParts.has(text)));
  const column = `${table}.${subject?.text ?? ""}`;
  switch (words[0] ?? "") {
    case "drop":
      return notColumns.has(words[1] ?? "")
        ? null
        : problem("drops-column", `The running version may still read ${column}.`, expandFirst);
    case "rename":
      if (words[1] === "to")
        return problem("renames-object", `The running version knows ${table} by this name.`, expandFirst);
      if (words[1] === "constraint") return null;
      return problem(
        "renames-column",
        `The running version knows ${column} by this name.`,
        `Add a column beside it and fill both. ${expandFirst}`,
      );
    case "set":
      return words[1] === "schema"
        ? problem("renames-object", `The running version looks for ${table} where it is.`, expandFirst)
        : null;
    case "add":
      return added(words, column, table);
    case "alter":
      return altered(words, column);
    default:
      return null;
  }
}

const volatile: ReadonlySet<string> = new Set([
  "random",
  "gen_random_uuid",
  "uuid_generate_v4",
  "clock_timestamp",
  "nextval",
]);

function added(words: readonly string[], column: string, table: string): Problem | null {
  const isConstraint = ["constraint", "foreign", "check", "unique", "primary", "exclude"].includes(words[1] ?? "");
  if (isConstraint) return addedConstraint(words, table);
  const hasDefault =
    words.includes("default") || words.includes("generated") || words.some((word) => /^(small|big)?serial$/.test(word));
  if (has(words, "not", "null") && !hasDefault) {
    const message = `The running version inserts rows without ${column}, and they would be refused.`;
    return problem(
      "not-null-without-default",
      message,
      "Give it a default, or let it be null until every version fills it.",
    );
  }
  if (hasDefault && words.some((word) => volatile.has(word) || word.endsWith("serial"))) {
    const message = `A default of ${column} that differs by row rewrites ${table} and keeps everybody out meanwhile.`;
    return problem("rewrites-table", message, "Add it without a default, fill it in parts, and set the default then.");
  }
  return null;
}

function addedConstraint(words: readonly string[], table: string): Problem | null {
  if (words.includes("unique") || words.includes("primary") || words.includes("exclude")) {
    if (has(words, "using", "index")) return null;
    const message = `Its index is built while nobody can write to ${table}.`;
    return problem(
      "locks-for-index",
      message,
      "Create the unique index concurrently first, and add the constraint USING INDEX.",
    );
  }
  if (has(words, "not", "valid")) return null;
  const message = `Every row of ${table} is checked while nobody can write to it.`;
  return problem("locks-for-constraint", message, "Add it NOT VALID, and VALIDATE CONSTRAINT in a later script.");
}

function altered(words: readonly string[], column: string): Problem | null {
  if (words.includes("type")) {
    const message = `The running version reads ${column} as what it is, and the table may be rewritten.`;
    return problem("changes-type", message, `Add a column of the new type beside it and fill both. ${expandFirst}`);
  }
  if (!has(words, "set", "not") || !has(words, "not", "null")) return null;
  const message = `The running version may leave ${column} empty, and every row is read while nobody can write.`;
  return problem("sets-not-null", message, "Add a CHECK that it is not null, NOT VALID, validate it, and set it then.");
}

function has(words: readonly string[], first: string, second: string): boolean {
  return words.some((word, index) => word === first && words[index + 1] === second);
}

function alterOther(words: readonly string[], at: (found: Problem) => readonly Found[]): readonly Found[] {
  const isRename = words.includes("rename") || has(words, "set", "schema");
  if (!isRename) return [];
  return at(problem("renames-object", "The running version knows it by this name.", expandFirst));
}

function dropped(words: readonly string[]): Problem {
  if (words[1] !== "index") {
    return problem("drops-object", `The running version may still use the ${words[1] ?? "object"}.`, expandFirst);
  }
  if (words.includes("concurrently")) {
    return problem("drops-object", "The running version may need the index to be fast enough.", expandFirst);
  }
  const remedy = "Drop it CONCURRENTLY, in a script with no-transaction.";
  return problem("locks-for-index", "Nobody can read or write the table meanwhile.", remedy);
}

function createIndex(statement: Statement, words: readonly string[], fresh: ReadonlySet<string>): readonly Found[] {
  const [first] = statement;
  const isIndex = words[1] === "index" || (words[1] === "unique" && words[2] === "index");
  if (first === undefined || !isIndex || words.includes("concurrently")) return [];
  let at = words.indexOf("on") + 1;
  while (words[at] === "only") at += 1;
  if (fresh.has(nameAt(statement, at).name)) return [];
  const message = "Nobody can write to the table while the index is built.";
  const remedy = "Create it CONCURRENTLY, in a script with no-transaction.";
  return [{ token: first, problem: problem("locks-for-index", message, remedy) }];
}
