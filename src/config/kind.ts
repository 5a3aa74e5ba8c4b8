import type { z } from "zod";
import type { Document } from "#config/document.ts";
import { fieldProblems } from "#config/issues.ts";
import type { JsonObject, Path } from "#config/json.ts";
import type { FieldProblem } from "#config/problem.ts";
import { err, ok, type Result } from "#core/result.ts";

/** A name in a document that must be declared by another document of one of the kinds. */
export interface Reference {
  readonly at: Path;
  readonly name: string;
  readonly to: readonly string[];
  /** A fact about something undeclared does no harm, but is most likely a slip. */
  readonly severity?: "warning";
  /** Names that need no declaration, e.g. roles beside teams. */
  readonly also?: readonly string[];
}

interface Definition<Schema extends z.ZodType<object>, Domain> {
  /** Equals the name of the file, in PascalCase. */
  readonly kind: string;
  /** One paragraph for the reference. */
  readonly summary: string;
  readonly example: string;
  readonly schema: Schema;
  /** Called only with a spec that the schema and `check` have passed; the document is for what its content names. */
  readonly toDomain: (name: string, spec: z.output<Schema>, document: Document) => Domain;
  /** Reads the spec as it was written, so that references are checked even where the rest is wrong. */
  readonly references: (spec: JsonObject) => readonly Reference[];
  /** What no single field shows; runs even where single fields are wrong. */
  readonly check?: (spec: JsonObject) => readonly FieldProblem[];
  /** What only the decoded thing shows. */
  readonly verify?: (thing: Domain) => readonly FieldProblem[];
  /** Why a mandatory field is mandatory, for those whose absence needs explaining. */
  readonly whyMandatory?: Readonly<Record<string, string>>;
}

/** One kind of document, of the one shape that all have. */
export interface Kind<Domain> {
  readonly kind: string;
  readonly summary: string;
  readonly example: string;
  readonly schema: z.ZodType<object>;
  readonly references: (spec: JsonObject) => readonly Reference[];
  /** All problems of the document itself, or the decoded thing: the same object whenever the document is. */
  readonly decode: (document: Document) => Result<Domain, readonly FieldProblem[]>;
}

export function defineKind<Schema extends z.ZodType<object>, Domain>(
  definition: Definition<Schema, Domain>,
): Kind<Domain> {
  const { kind, summary, example, schema, references, toDomain, check, verify, whyMandatory } = definition;
  // Documents are values: of thousands a change of the configuration leaves nearly all as they are.
  const kept = new WeakMap<Document, Result<Domain, readonly FieldProblem[]>>();
  const decode = (document: Document): Result<Domain, readonly FieldProblem[]> => {
    const parsed = schema.safeParse(document.spec, { reportInput: true });
    const own = check?.(document.spec) ?? [];
    if (parsed.success && own.length === 0) {
      const thing = toDomain(document.name, parsed.data, document);
      const late = verify?.(thing) ?? [];
      return late.length === 0 ? ok(thing) : err(late);
    }
    const found = parsed.success ? [] : fieldProblems(schema, document.spec, parsed.error.issues, whyMandatory ?? {});
    return err([...found, ...own]);
  };
  return {
    kind,
    summary,
    example,
    schema,
    references,
    decode(document) {
      const known = kept.get(document) ?? decode(document);
      kept.set(document, known);
      return known;
    },
  };
}
