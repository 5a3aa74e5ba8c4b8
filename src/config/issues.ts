import { z } from "zod";
import { formatPath, isJsonObject, type Json, type JsonObject, member, type Path, valueAt } from "#config/json.ts";
import { didYouMean } from "#config/nearest.ts";
import { shorten } from "#config/plain.ts";
import { type FieldProblem, type ProblemCode, problemCodes } from "#config/problem.ts";

/** What the schema found, in our words: what is wrong, where, and what to do. */
export function fieldProblems(
  schema: z.ZodType,
  spec: JsonObject,
  issues: readonly z.core.$ZodIssue[],
  whyMandatory: Readonly<Record<string, string>>,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const issue of issues) {
    const inSpec = issue.path.map((step) => (typeof step === "symbol" ? step.toString() : step));
    const at: Path = ["spec", ...inSpec];
    if (issue.code === "unrecognized_keys") {
      const known = fieldsAt(schema, inSpec);
      for (const key of issue.keys) problems.push(unknownField(at, key, known));
    } else if (valueAt(spec, inSpec) === undefined) {
      problems.push(missingField(at, whyMandatory[inSpec.join(".")] ?? describe(schema, inSpec)));
    } else {
      problems.push({ at, ...toProblem(issue, at) });
    }
  }
  return problems;
}

function unknownField(at: Path, key: string, known: readonly string[]): FieldProblem {
  const list = known.length === 0 ? "Remove it: there are no fields here." : `The fields are ${known.join(", ")}.`;
  return {
    at: [...at, key],
    on: "key",
    code: "unknown-field",
    message: `${formatPath(at)} has no field "${shorten(key)}".`,
    remedy: `${list}${didYouMean(key, known)}`,
  };
}

function missingField(at: Path, why: string): FieldProblem {
  return {
    at,
    code: "missing-field",
    message: `${formatPath(at)} is missing.`,
    remedy: `Add it.${why === "" ? "" : ` ${why}`}`,
  };
}

type Found = Pick<FieldProblem, "code" | "message" | "remedy" | "offset">;

function toProblem(issue: z.core.$ZodIssue, at: Path): Found {
  const field = formatPath(at);
  if (issue.code === "custom") {
    return { ...customProblem(issue.params, issue.message), message: `${field}: ${lowerFirst(issue.message)}` };
  }
  if (issue.code === "invalid_type") return typeProblem(field, issue.expected, issue.input);
  if (issue.code === "invalid_value") return valueProblem(field, issue.values, issue.input);
  if (issue.code === "too_small" || issue.code === "too_big") return rangeProblem(field, issue);
  return { code: "bad-value", message: `${field}: ${lowerFirst(issue.message)}.`, remedy: "Correct the value." };
}

/** The check that raised the issue has put code and remedy into its params (see `checkedText`). */
function customProblem(params: Readonly<Record<string, unknown>> | undefined, message: string): Found {
  const { code, remedy, offset } = params ?? {};
  return {
    code: isProblemCode(code) ? code : "bad-value",
    message,
    remedy: typeof remedy === "string" ? remedy : "Correct the value.",
    ...(typeof offset === "number" ? { offset } : {}),
  };
}

function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === "string" && Object.hasOwn(problemCodes, code);
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  null: "empty",
};

function typeProblem(field: string, expected: string, input: unknown): Found {
  const wanted = typeNames[expected] ?? expected;
  const isScalar = typeof input === "string" || typeof input === "number" || typeof input === "boolean";
  const given = isScalar ? ` ${shorten(JSON.stringify(input))}` : "";
  const message = `${field} must be ${wanted}, not ${typeOf(input)}${given}.`;
  return { code: "wrong-type", message, remedy: typeRemedy(expected, input) };
}

function typeRemedy(expected: string, input: unknown): string {
  if (input === null) return "Write a value, or leave the field out.";
  if (expected === "string" && (typeof input === "number" || typeof input === "boolean")) {
    return "Put it in quotes: without them YAML does not read it as text.";
  }
  if (expected === "array" && typeof input === "string") return `Write a list: [${shorten(input)}].`;
  if (expected === "boolean" && typeof input === "string") return "Write true or false without quotes.";
  if (expected === "number" && typeof input === "string") return "Write a number without quotes.";
  return `Write ${typeNames[expected] ?? expected}.`;
}

function typeOf(input: unknown): string {
  if (input === null) return "empty";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "string") return "the text";
  if (typeof input === "number") return "the number";
  return typeof input === "boolean" ? "the value" : "a mapping";
}

function valueProblem(field: string, values: readonly unknown[], input: unknown): Found {
  const allowed = values.map(String);
  const given = typeof input === "string" ? input : JSON.stringify(input);
  return {
    code: typeof input === typeof values[0] ? "bad-value" : "wrong-type",
    message: `${field} must be one of ${allowed.join(", ")}, not ${shorten(JSON.stringify(input) ?? "nothing")}.`,
    remedy: `Choose one of them.${didYouMean(given, allowed)}`,
  };
}

function rangeProblem(field: string, issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): Found {
  const noun = issue.origin === "array" ? " item" : issue.origin === "string" ? " character" : "";
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const unit = noun === "" || Number(limit) === 1 ? noun : `${noun}s`;
  const [least, most] = issue.inclusive === false ? ["more than", "less than"] : ["at least", "at most"];
  const bound = `${issue.code === "too_small" ? least : most} ${limit}`;
  const emptyList = issue.code === "too_small" && issue.origin === "array";
  const remedy = emptyList ? "Leave the field out instead of giving an empty list." : `Use ${bound}${unit}.`;
  return { code: "out-of-range", message: `${field} must ${unit === "" ? "be" : "have"} ${bound}${unit}.`, remedy };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}

const jsonSchemas = new WeakMap<z.ZodType, Json>();

/** The schema as JSON Schema, which can be walked like any data; made once per kind and only when needed. */
function schemaAt(schema: z.ZodType, path: Path): Json | undefined {
  const known = jsonSchemas.get(schema) ?? plainJson(z.toJSONSchema(schema, { io: "input" }));
  jsonSchemas.set(schema, known);
  let here: Json | undefined = known;
  for (const step of path) {
    here = typeof step === "number" ? member(here, "items") : member(member(here, "properties"), step);
  }
  return here;
}

function fieldsAt(schema: z.ZodType, path: Path): readonly string[] {
  const properties = member(schemaAt(schema, path), "properties");
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function describe(schema: z.ZodType, path: Path): string {
  const description = member(schemaAt(schema, path), "description");
  return typeof description === "string" ? description : "";
}

/** Copies what is plain data and drops the rest (the library attaches functions to its answer). */
function plainJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainJson(inner)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
