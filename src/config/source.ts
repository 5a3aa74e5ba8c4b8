import { Composer, type CST, type Document as YamlDocument, Parser } from "yaml";
import { apiVersion, type Document } from "#config/document.ts";
import { isJsonObject, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { limits } from "#config/limits.ts";
import { nameProblem } from "#config/names.ts";
import { didYouMean } from "#config/nearest.ts";
import { type Budget, type Plain, type TextProblem, toPlain } from "#config/plain.ts";
import { type FieldProblem, type Problem, sortProblems } from "#config/problem.ts";
import { offsetOf, placeAt, sourceText, type SourceText } from "#config/text.ts";

/** A text file as the caller has read it. `path` is only shown. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export type Coverage = "complete" | "partial";

export interface ParsedSources {
  readonly documents: readonly Document[];
  /** Sorted by place. */
  readonly problems: readonly Problem[];
  /** `partial`: something could not be read, so a name may be missing from `documents`. */
  readonly coverage: Coverage;
}

/**
 * Texts to documents: YAML 1.2, several documents per file, plain data only. Never throws; every problem has its
 * place. What cannot be read is left out, and the rest is still read, so that all problems are found at once.
 */
export function parseSources(files: readonly SourceFile[]): ParsedSources {
  const documents: Document[] = [];
  const problems: Problem[] = [];
  let coverage: Coverage = "complete";
  let total = 0;
  for (const file of files) {
    const source = sourceText(file.path, file.text.length > limits.fileBytes ? file.text.slice(0, 200) : file.text);
    const bytes = file.text.length > limits.fileBytes ? file.text.length : utf8Length(file.text);
    total += bytes;
    const refusal = refuseText(file.text, bytes, total, documents.length);
    const read = refusal === null ? parseFile(source, limits.documents - documents.length) : lost([refusal]);
    if (read.coverage === "partial") coverage = "partial";
    for (const document of read.documents) documents.push(document);
    for (const problem of read.problems) problems.push(placed(source, problem));
  }
  return { documents, problems: sortProblems(problems), coverage };
}

/** What one file came to. */
interface ReadFile {
  readonly documents: readonly Document[];
  readonly problems: readonly TextProblem[];
  readonly coverage: Coverage;
}

function lost(problems: readonly TextProblem[]): ReadFile {
  return { documents: [], problems, coverage: "partial" };
}

function refuseText(text: string, bytes: number, total: number, documents: number): TextProblem | null {
  if (bytes > limits.fileBytes) {
    const message = `The file has ${megabytes(bytes)}; the limit for a file is ${megabytes(limits.fileBytes)}.`;
    return { offset: 0, code: "file-too-large", message, remedy: "Split the file." };
  }
  if (total > limits.totalBytes) {
    const message = `All files together have more than ${megabytes(limits.totalBytes)}; this file is not read.`;
    return { offset: 0, code: "too-much-text", message, remedy: "Apply the folder in parts." };
  }
  if (documents >= limits.documents) return tooManyDocuments(0);
  const bad = /[^\P{Cc}\t\n\r]/u.exec(text) ?? /\p{Cs}/u.exec(text);
  if (bad === null) return null;
  const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const message = `The character U+${code} is not allowed in a configuration.`;
  return { offset: bad.index, code: "bad-character", message, remedy: "Remove it; save the file as UTF-8 text." };
}

function tooManyDocuments(offset: number): TextProblem {
  const message = `There are more than ${limits.documents} documents.`;
  return { offset, code: "too-many-documents", message, remedy: "Apply the folder in parts." };
}

function megabytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(bytes % (1024 * 1024) === 0 ? 0 : 1)} MiB`;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function parseFile(source: SourceText, maxDocuments: number): ReadFile {
  const tokens = tokensOf(source.text);
  const excess = measure(tokens);
  if (excess !== null) return lost([excess]);
  const documents: Document[] = [];
  const problems: TextProblem[] = [];
  let coverage: Coverage = "complete";
  let yamlErrors = 0;
  const budget: Budget = { values: limits.values, aliases: limits.aliases };
  const options = { version: "1.2", uniqueKeys: false, prettyErrors: false, strict: true, logLevel: "silent" } as const;
  for (const yaml of new Composer(options).compose(tokens)) {
    if (yamlErrors >= limits.yamlErrors) break;
    if (documents.length >= maxDocuments) {
      return { documents, problems: [...problems, tooManyDocuments(yaml.range[0])], coverage: "partial" };
    }
    const read = readDocument(yaml, source, budget);
    if (read.coverage === "partial") coverage = "partial";
    yamlErrors += yaml.errors.length;
    documents.push(...read.documents);
    for (const problem of read.problems) problems.push(problem);
  }
  return { documents, problems, coverage };
}

function readDocument(yaml: YamlDocument.Parsed, source: SourceText, budget: Budget): ReadFile {
  const found = textProblems(yaml);
  if (found.length > 0) return lost(found);
  const plain = toPlain(yaml.contents, budget);
  const isReadable = plain.problems.every(({ code }) => code === "duplicate-key" || code === "tag");
  if (!isReadable) return lost(plain.problems);
  if (yaml.contents === null || plain.value === null) return { documents: [], problems: [], coverage: "complete" };
  const { document, problems } = readEnvelope(plain, source);
  return {
    documents: document === null ? [] : [document],
    problems: [...plain.problems, ...problems.map((problem) => atOffset(plain, problem))],
    coverage: document === null ? "partial" : "complete",
  };
}

/** Of the tokens that are errors only the first are kept: composing costs far more per error than is of use. */
function tokensOf(text: string): readonly CST.Token[] {
  let errors = 0;
  return [...new Parser().parse(text)].filter(({ type }) => type !== "error" || ++errors <= limits.yamlErrors);
}

/** Composing is recursive and slow, so depth and number are measured before, on the tokens and without recursion. */
function measure(tokens: readonly CST.Token[]): TextProblem | null {
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limits.depth) {
      const message = `Values are nested deeper than ${limits.depth} levels.`;
      return { offset: token.offset, code: "too-deep", message, remedy: "Write it flatter." };
    }
    if (token.type === "document" && token.value !== undefined) open.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    // A key and a value at most per item; the exact count is taken when aliases are expanded (`toPlain`).
    seen += token.items.length;
    if (seen > 2 * limits.values) {
      const message = `The file holds more than ${limits.values} values.`;
      return { offset: token.offset, code: "too-many-values", message, remedy: "Split the file." };
    }
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}

function textProblems(yaml: YamlDocument.Parsed): TextProblem[] {
  const problems: TextProblem[] = yaml.errors.slice(0, limits.yamlErrors).map((error) => ({
    offset: error.pos[0],
    code: "yaml",
    message: `This is not valid YAML: ${error.message.replace(/\.$/, "")}.`,
    remedy: yamlRemedies[error.code] ?? "Check the indentation, the quotes and the brackets around this place.",
  }));
  const version = yaml.directives.yaml.explicit ? yaml.directives.yaml.version : "1.2";
  if (version !== "1.2") {
    const message = `The document asks for YAML ${version}; a configuration is YAML 1.2.`;
    problems.push({ offset: yaml.range[0], code: "yaml-version", message, remedy: "Remove the %YAML line." });
  }
  return problems;
}

const yamlRemedies: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces; YAML allows no tabs there.",
  BAD_SCALAR_START: "Put the text in quotes.",
  MISSING_CHAR: "Close the quote or the bracket.",
  BLOCK_AS_IMPLICIT_KEY: "Put a text with a colon in quotes, or start a new line.",
};

function atOffset(plain: Plain, problem: FieldProblem): TextProblem {
  return { ...problem, offset: offsetOf(plain.places, problem.at, problem.on ?? "value") };
}

function placed(source: SourceText, problem: TextProblem): Problem {
  return {
    severity: "error",
    path: source.path,
    ...placeAt(source, problem.offset),
    code: problem.code,
    message: problem.message,
    remedy: problem.remedy,
    document: null,
  };
}

interface Envelope {
  readonly document: Document | null;
  readonly problems: readonly FieldProblem[];
}

/** apiVersion (may be left out), kind, metadata and spec. Whether the kind exists is the registry's question. */
function readEnvelope(plain: Plain, source: SourceText): Envelope {
  const value = plain.value;
  if (!isJsonObject(value)) {
    const message = "A document is a mapping with kind, metadata and spec.";
    const remedy = "Write kind, metadata and spec as keys of a mapping.";
    return { document: null, problems: [{ at: [], code: "not-a-document", message, remedy }] };
  }
  const problems: FieldProblem[] = [
    ...unknownFields(value, [], ["apiVersion", "kind", "metadata", "spec"]),
    ...versionProblems(value),
  ];
  const kind = readText(value, ["kind"], problems);
  const metadata = readMapping(value, "metadata", problems);
  problems.push(...unknownFields(metadata, ["metadata"], ["name", "description"]));
  const spec = readMapping(value, "spec", problems);
  const description =
    member(metadata, "description") === undefined ? null : readText(value, ["metadata", "description"], problems);
  // State is the one kind that stands for a moment and not for a thing, so it need not have a name.
  const unnamed = kind === "State" && member(metadata, "name") === undefined;
  const name = unnamed ? "state" : readText(value, ["metadata", "name"], problems);
  const wrong = name === null ? null : nameProblem(name, ["metadata", "name"]);
  if (wrong !== null) problems.push(wrong);
  if (kind === null || name === null) return { document: null, problems };
  return { document: { kind, name, description, spec, origin: { source, places: plain.places } }, problems };
}

function versionProblems(value: JsonObject): readonly FieldProblem[] {
  const given = member(value, "apiVersion");
  if (given === undefined || given === apiVersion) return [];
  const message = `The apiVersion ${JSON.stringify(given)} is not known.`;
  return [{ at: ["apiVersion"], code: "api-version", message, remedy: `Write apiVersion: ${apiVersion}.` }];
}

function unknownFields(value: Json, at: Path, known: readonly string[]): readonly FieldProblem[] {
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      at: [...at, key],
      on: "key",
      code: "unknown-field",
      message: `A document has no field "${key}" here.`,
      remedy: `Use one of ${known.join(", ")}.${didYouMean(key, known)}`,
    }));
}

function readText(value: JsonObject, at: readonly string[], problems: FieldProblem[]): string | null {
  let found: Json | undefined = value;
  for (const step of at) found = member(found, step);
  if (typeof found === "string" && found.length > 0 && found.length <= limits.textLength) return found;
  const field = at.join(".");
  const missing = found === undefined || found === null;
  problems.push({
    at,
    code: missing ? "missing-field" : "wrong-type",
    message: missing
      ? `The document has no ${field}.`
      : `${field} is not a text of 1 to ${limits.textLength} characters.`,
    remedy: missing ? `Add ${field}.` : "Write a text; put it in quotes if it looks like a number.",
  });
  return null;
}

/** A mapping that may be left out where nothing in it is mandatory. */
function readMapping(value: JsonObject, key: string, problems: FieldProblem[]): JsonObject {
  const found = member(value, key);
  if (isJsonObject(found)) return found;
  if (found !== undefined && found !== null) {
    const remedy = `Write the fields of ${key} below it, indented.`;
    problems.push({ at: [key], code: "wrong-type", message: `${key} is not a mapping.`, remedy });
  }
  return {};
}
