import { Environment, serialize, type ASTNode } from "@marcbachmann/cel-js";
import { err, ok, type Result } from "#core/result.ts";
import { parseRange, parseVersion, satisfies } from "#core/release/semver.ts";

/**
 * The one place of core that knows a package: expressions of the Common Expression Language, for the clauses of policies
 * (ADR 0017). What is offered of the language is a closed list: no clock, no regular expressions, no dates, nothing that
 * has an effect, and no loop that is not bounded by the length of a list.
 */

export const maxExpressionLength = 2_000;
/** Nodes of the syntax tree; a person cannot follow more. */
export const maxExpressionNodes = 300;
export const maxExpressionDepth = 24;
export const maxListElements = 100;
/** Steps that one evaluation may take at most, counted in advance: a node once for each round of the loops around it. */
export const maxExpressionSteps = 100_000;
/** Parts of an expression that are said with their values. */
export const maxSaidParts = 8;
/** Expressions that are kept parsed; when there are more, all are parsed anew. */
const maxKept = 1_000;

export type VariableType = "string" | "bool" | "int" | "double" | "list<string>";
export type VariableShape = VariableType | "map<string, string>" | "map<string, double>" | VariableFields;
export interface VariableFields {
  readonly [field: string]: VariableType;
}
/** The closed set of variables: name → type. */
export type VariableShapes = Readonly<Record<string, VariableShape>>;

export type VariableValue = string | boolean | number | bigint | readonly string[] | VariableMembers | VariableMap;
export interface VariableMembers {
  readonly [field: string]: string | boolean | number | bigint | readonly string[];
}
export type VariableMap = ReadonlyMap<string, string | number>;
export type Variables = Readonly<Record<string, VariableValue>>;

/** What is wrong with the text of an expression. */
export interface ExpressionProblem {
  readonly code: "too-long" | "unreadable" | "not-available" | "not-true-or-false";
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Why an expression has no value for some facts. */
export interface ExpressionFault {
  readonly code: "over-budget" | "failed";
  readonly message: string;
}

/** A part of an expression between `&&` and `||`, with what it came to: `service.tier <= 1 is false (service.tier is 2)`. */
export interface ExpressionPart {
  readonly holds: boolean | null;
  readonly said: string;
}

export interface Expression {
  readonly source: string;
  /** Names of the variables that it mentions, and of their fields: `service`, `service.tier`. */
  readonly mentions: ReadonlySet<string>;
  readonly evaluate: (variables: Variables) => Result<boolean, ExpressionFault>;
  /** At most `maxSaidParts`; a part that fails alone has no value. */
  readonly explain: (variables: Variables) => readonly ExpressionPart[];
}

/** Reads expressions over one set of variables. The texts that were read are remembered; nothing else is. */
export function expressionReader(shapes: VariableShapes): (source: string) => Result<Expression, ExpressionProblem> {
  const environment = environmentOf(shapes);
  const kept = new Map<string, Result<Expression, ExpressionProblem>>();
  return (source) => {
    const known = kept.get(source);
    if (known !== undefined) return known;
    const read = readExpression(environment, shapes, source);
    if (kept.size >= maxKept) kept.clear();
    kept.set(source, read);
    return read;
  };
}

/** Functions and macros of the language that clauses may call; beside them `satisfies`, which is ours. */
const offered = new Set([
  "size",
  "has",
  "all",
  "exists",
  "exists_one",
  "filter",
  "map",
  "startsWith",
  "endsWith",
  "contains",
  "lowerAscii",
  "upperAscii",
  "trim",
  "int",
  "double",
  "string",
  "satisfies",
]);
const loops = new Set(["all", "exists", "exists_one", "filter", "map"]);

function environmentOf(shapes: VariableShapes): Environment {
  const environment = new Environment({
    limits: {
      maxAstNodes: maxExpressionNodes,
      maxDepth: maxExpressionDepth,
      maxListElements,
      maxMapEntries: 0,
      maxCallArguments: 4,
    },
  });
  for (const [name, shape] of Object.entries(shapes)) {
    if (typeof shape === "string") environment.registerVariable(name, shape);
    else environment.registerVariable(name, { schema: { ...shape } });
  }
  return environment.registerFunction("satisfies(string, string): bool", (version: string, range: string) => {
    const parsed = parseVersion(version);
    const wanted = parseRange(range);
    if (parsed === null) throw new Error(`${version} is no semantic version`);
    if (wanted === null) throw new Error(`${range} is no range of versions`);
    return satisfies(parsed, wanted);
  });
}

function readExpression(
  environment: Environment,
  shapes: VariableShapes,
  source: string,
): Result<Expression, ExpressionProblem> {
  if (source.length > maxExpressionLength) {
    const message = `The expression is longer than ${maxExpressionLength} characters.`;
    return err({ code: "too-long", message, line: 1, column: 1 });
  }
  const parsed = attempt(() => environment.parse(source));
  if (!parsed.ok) return err(problemAt(source, "unreadable", parsed.error));
  const { ast } = parsed.value;
  const unavailable = unavailableIn(ast, shapes, new Set());
  if (unavailable !== null) {
    const { node, message } = unavailable;
    return err({ code: "not-available", message, ...placeOf(source, node.start) });
  }
  const checked = environment.check(source);
  if (!checked.valid) return err(problemAt(source, "unreadable", checked.error));
  if (checked.type !== "bool") {
    const message = `The expression is of type ${checked.type ?? "unknown"}, not true or false.`;
    return err({ code: "not-true-or-false", message, line: 1, column: 1 });
  }
  const parts = partsOf(ast).map((part) => partReader(environment, shapes, part));
  return ok({
    source,
    mentions: new Set(nodesOf(ast).flatMap((node) => mentionedBy(node, shapes))),
    evaluate: runnerOf(parsed.value, ast),
    explain: (variables) => parts.slice(0, maxSaidParts).map((explain) => explain(variables)),
  });
}

interface Runnable {
  (variables: Record<string, unknown>): unknown;
}

type Run = (variables: Variables) => Result<boolean, ExpressionFault>;

function runnerOf(runnable: Runnable, ast: ASTNode): Run {
  // Equal for most calls: one expression is evaluated for every hour of a horizon.
  let counted: { readonly longest: number; readonly steps: number } | null = null;
  const grown = growthOf(ast);
  return (variables) => {
    const longest = grown(longestOf(variables));
    if (counted?.longest !== longest) counted = { longest, steps: stepsOf(ast, longest) };
    const { steps } = counted;
    if (steps > maxExpressionSteps) {
      return err({ code: "over-budget", message: `it may take ${steps} steps, more than ${maxExpressionSteps}` });
    }
    const result = attempt<unknown>(() => runnable(variables));
    if (!result.ok) return err({ code: "failed", message: result.error.message });
    return typeof result.value === "boolean"
      ? ok(result.value)
      : err({ code: "failed", message: "it came to neither true nor false" });
  };
}

interface Thrown {
  readonly message: string;
  readonly start: number;
}

function attempt<T>(work: () => T): Result<T, Thrown> {
  try {
    return ok(work());
  } catch (error) {
    return err(thrownOf(error));
  }
}

/** The package's errors carry a summary and a range; whatever else is thrown has its message at least. */
function thrownOf(error: unknown): Thrown {
  if (!(error instanceof Error)) return { message: String(error), start: 0 };
  const message = "summary" in error && typeof error.summary === "string" ? error.summary : error.message;
  const range = "range" in error && typeof error.range === "object" && error.range !== null ? error.range : null;
  const start = range !== null && "start" in range && typeof range.start === "number" ? range.start : 0;
  return { message, start };
}

function problemAt(source: string, code: ExpressionProblem["code"], error: unknown): ExpressionProblem {
  const { message, start } =
    typeof error === "object" && error !== null && "start" in error && "message" in error
      ? { message: String(error.message), start: Number(error.start) }
      : thrownOf(error);
  return { code, message: `${message}.`, ...placeOf(source, start) };
}

function placeOf(source: string, offset: number): Pick<ExpressionProblem, "line" | "column"> {
  const lines = source.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** The first name or call that is not offered. */
function unavailableIn(
  node: ASTNode,
  shapes: VariableShapes,
  bound: ReadonlySet<string>,
): { readonly node: ASTNode; readonly message: string } | null {
  if (node.op === "id" && !(Object.hasOwn(shapes, node.args) || bound.has(node.args))) {
    return { node, message: `There is no variable ${node.args}; there are ${Object.keys(shapes).join(", ")}.` };
  }
  if (node.op === "map" || (node.op === "value" && node.args instanceof Uint8Array)) {
    return { node, message: "Maps and bytes are not available in a clause." };
  }
  const call = node.op === "call" || node.op === "rcall" ? node.args[0] : null;
  if (call !== null && !offered.has(call)) return { node, message: `${call} is not available in a clause.` };
  const [loopVariable] = loopOf(node)?.arguments ?? [];
  const inside = loopVariable?.op === "id" ? new Set([...bound, loopVariable.args]) : bound;
  for (const child of childrenOf(node)) {
    const found = unavailableIn(child, shapes, inside);
    if (found !== null) return found;
  }
  return null;
}

interface Loop {
  readonly over: ASTNode;
  readonly arguments: readonly ASTNode[];
}

function loopOf(node: ASTNode): Loop | null {
  if (node.op !== "rcall" || !loops.has(node.args[0])) return null;
  return { over: node.args[1], arguments: node.args[2] };
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === "value" || node.op === "id") return [];
  if (node.op === "." || node.op === ".?") return [node.args[0]];
  if (node.op === "call") return node.args[1];
  if (node.op === "rcall") return [node.args[1], ...node.args[2]];
  if (node.op === "!_" || node.op === "-_") return [node.args];
  return node.op === "map" ? node.args.flat() : node.args;
}

function nodesOf(node: ASTNode): readonly ASTNode[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)];
}

function mentionedBy(node: ASTNode, shapes: VariableShapes): readonly string[] {
  if (node.op === "id") return Object.hasOwn(shapes, node.args) ? [node.args] : [];
  if (node.op !== ".") return [];
  const [owner, field] = node.args;
  return owner.op === "id" && Object.hasOwn(shapes, owner.args) ? [`${owner.args}.${field}`] : [];
}

/** An upper bound of the steps: exact counting would need hooks in the evaluator, and a bound is known before it runs. */
function stepsOf(node: ASTNode, longest: number): number {
  const loop = loopOf(node);
  if (loop !== null) {
    const rounds = lengthOf(loop.over, longest);
    const inside = loop.arguments.reduce((sum, child) => sum + stepsOf(child, longest), 0);
    return 1 + stepsOf(loop.over, longest) + rounds * inside;
  }
  const children = childrenOf(node);
  const compares = node.op === "in" || node.op === "==" || node.op === "!=";
  const own = compares ? Math.max(1, ...children.map((child) => lengthOf(child, longest))) : 1;
  return children.reduce((sum, child) => sum + stepsOf(child, longest), own);
}

/** What a loop binds may be any list that stands in what a loop goes over: a literal, or lists put together there. */
function growthOf(ast: ASTNode): (longest: number) => number {
  const gone = nodesOf(ast).flatMap((node) => {
    const loop = loopOf(node);
    return loop === null ? [] : nodesOf(loop.over);
  });
  const literal = Math.max(1, ...gone.map((node) => (node.op === "list" ? node.args.length : 1)));
  const sums = new Set(gone.filter(({ op }) => op === "+")).size;
  return (longest) => Math.max(longest, literal) * (sums + 1);
}

/** The most elements that a list may have. */
function lengthOf(node: ASTNode, longest: number): number {
  const loop = loopOf(node);
  if (loop !== null) return lengthOf(loop.over, longest);
  if (node.op === "value") return 1;
  if (node.op === "list") return node.args.length;
  if (node.op === "+") return lengthOf(node.args[0], longest) + lengthOf(node.args[1], longest);
  if (node.op !== "?:") return longest;
  return Math.max(lengthOf(node.args[1], longest), lengthOf(node.args[2], longest));
}

function longestOf(variables: Variables): number {
  let longest = 1;
  for (const value of Object.values(variables)) {
    if (typeof value === "object") longest = Math.max(longest, longestIn(value));
  }
  return longest;
}

const lengths = new WeakMap<object, number>();

/** Elements of a list or map, or of the longest member. */
function longestIn(value: Extract<VariableValue, object>): number {
  const known = lengths.get(value);
  if (known !== undefined) return known;
  let longest = 1;
  if (value instanceof Map) longest = value.size;
  else if (Array.isArray(value)) longest = value.length;
  else for (const member of Object.values(value)) if (Array.isArray(member)) longest = Math.max(longest, member.length);
  lengths.set(value, longest);
  return longest;
}

/** Split at `&&` and `||`, in the order of the text. */
function partsOf(node: ASTNode): readonly ASTNode[] {
  return node.op === "&&" || node.op === "||" ? node.args.flatMap(partsOf) : [node];
}

function partReader(
  environment: Environment,
  shapes: VariableShapes,
  part: ASTNode,
): (variables: Variables) => ExpressionPart {
  const text = serialize(part);
  const run = runnerOf(environment.parse(text), part);
  const paths = [...new Set(pathsIn(part, shapes))].map((path) => ({ path, read: environment.parse(path) }));
  return (variables) => {
    const result = run(variables);
    const values = paths.map(({ path, read }) => {
      const value = attempt<unknown>(() => read(variables));
      return `${path} is ${value.ok ? sayValue(value.value) : "missing"}`;
    });
    const known = values.length === 0 || values.includes(`${text} is true`) ? "" : ` (${values.join(", ")})`;
    if (result.ok) return { holds: result.value, said: `${text} is ${result.value}${known}` };
    return { holds: null, said: `${text} has no value: ${result.error.message}${known}` };
  };
}

/** The longest chains that begin at a variable, such as `service.tier`; what a loop binds is left out. */
function pathsIn(node: ASTNode, shapes: VariableShapes): readonly string[] {
  if (loopOf(node) !== null) return pathsIn(childrenOf(node)[0] ?? node, shapes);
  if (node.op === "call" && node.args[0] === "has") return [];
  if (isPath(node, shapes)) return [serialize(node)];
  return childrenOf(node).flatMap((child) => pathsIn(child, shapes));
}

function isPath(node: ASTNode, shapes: VariableShapes): boolean {
  if (node.op === "id") return Object.hasOwn(shapes, node.args);
  if (node.op === ".") return isPath(node.args[0], shapes);
  return node.op === "[]" && node.args[1].op === "value" && isPath(node.args[0], shapes);
}

function sayValue(value: unknown): string {
  if (value instanceof Map) return `{${[...value.keys()].join(", ")}}`;
  if (Array.isArray(value)) return `[${value.map(String).join(", ")}]`;
  return String(value);
}
