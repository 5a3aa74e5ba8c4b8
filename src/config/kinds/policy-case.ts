import { z } from "zod";
import { storedDocument } from "#config/document.ts";
import { nameField, textField, versionField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type Json, type JsonObject, member } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import { limits } from "#config/limits.ts";
import { momentField, readMoment } from "#config/moment.ts";
import { didYouMean } from "#config/nearest.ts";
import { shorten } from "#config/plain.ts";
import type { FieldProblem } from "#config/problem.ts";
import { state, type StateFacts } from "#config/kinds/state.ts";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import type { Subject } from "#core/policy/facts.ts";
import { type Outcome, outcomes } from "#core/policy/finding.ts";
import { rules } from "#core/policy/registry.ts";
import { decisions, type Verdict } from "#core/policy/verdict.ts";

/** A question with the answer that the policies of a folder must give. Kept beside them and run with `policy test`. */
export interface PolicyCase {
  readonly name: string;
  readonly at: Temporal.Instant;
  readonly subject: Subject;
  /** null: the State documents of the folder. */
  readonly state: StateFacts | null;
  readonly expect: {
    readonly verdict: Verdict["decision"] | null;
    readonly findings: readonly ExpectedFinding[];
    /** Codes that no finding may carry. */
    readonly absent: readonly string[];
    /** undefined: any. */
    readonly nextOpening: Temporal.Instant | null | undefined;
  };
}

/** What is not named may be anything. */
export interface ExpectedFinding {
  readonly rule: string;
  readonly outcome: Outcome | null;
  readonly code: string | null;
  /** Part of the sentence. */
  readonly says: string | null;
}

const question = z.strictObject({
  service: nameField("Name of the service."),
  version: versionField,
  environment: nameField("Name of the environment."),
  at: momentField("When it is asked."),
  action: z.enum(changeActions).optional().meta({ description: "`deploy` when left out." }),
  class: z.enum(changeClasses).optional().meta({ description: "`normal` when left out." }),
  invoker: z.enum(invokers).optional().meta({ description: "`person` when left out." }),
  requestedBy: nameField("Person who asks; nobody known when left out.").optional(),
  contentDigest: textField("Digest of what would run; that of no request when left out.").optional(),
});

const finding = z.strictObject({
  outcome: z.enum(outcomes).optional().meta({ description: "Any when left out." }),
  code: textField("Any when left out.").optional(),
  says: textField("Part of the sentence; any when left out.").optional(),
});

const expectation = z.strictObject({
  verdict: z.enum(decisions).optional().meta({ description: "Any when left out." }),
  findings: z
    .record(z.string(), finding)
    .optional()
    .meta({ description: "By rule; rules that are left out may say anything." }),
  absent: z
    .array(textField("A code."))
    .max(limits.listLength)
    .optional()
    .meta({ description: "Codes that no finding carries." }),
  nextOpening: momentField("The next joint opening.")
    .nullable()
    .optional()
    .meta({ description: "null: none is known. Any when left out." }),
});

export const policyCase = defineKind({
  kind: "PolicyCase",
  summary:
    "A question and the answer that must come of it: tests of policies as data, beside them in the folder. `tidegate policy test DIR` runs them without a server; applying a folder checks them and keeps them beside the configuration, so that the page of a policy shows how they stand.",
  example: `kind: PolicyCase
metadata: { name: coverage-under-the-bar }
spec:
  question: { service: cart, version: 1.1.0, environment: prod-emea, at: 2026-04-02T10:00:00Z }
  state:
    artifacts: [{ service: cart, version: 1.1.0, digest: "sha256:1a" }]
  expect:
    verdict: deny
    findings: { artifact-known: { outcome: pass } }
    absent: [frozen]`,
  schema: z.strictObject({
    question: question.meta({ description: "What is asked." }),
    state: state.schema.optional().meta({
      description: "What is so at that time, as in a State document; the State documents of the folder when left out.",
    }),
    expect: expectation.meta({ description: "What must come of it; what is not named may be anything." }),
  }),
  references: (spec) => [...questionReferences(spec), ...stateReferences(spec)],
  check: (spec) => [...stateProblems(spec), ...expectProblems(spec)],
  toDomain: (name, spec): PolicyCase => {
    const { at, action, class: changeClass, invoker, requestedBy, contentDigest, ...place } = spec.question;
    const { verdict, findings, absent, nextOpening } = spec.expect;
    return {
      name,
      at: checked(readMoment(at)),
      subject: {
        ...place,
        action: action ?? "deploy",
        class: changeClass ?? "normal",
        invoker: invoker ?? "person",
        requestedBy: requestedBy ?? null,
        contentDigest: contentDigest ?? null,
        onBehalfOf: null,
      },
      state: spec.state === undefined ? null : toState(spec.state),
      expect: {
        verdict: verdict ?? null,
        findings: Object.entries(findings ?? {}).map(([rule, { outcome, code, says }]) => ({
          rule,
          outcome: outcome ?? null,
          code: code ?? null,
          says: says ?? null,
        })),
        absent: absent ?? [],
        nextOpening: typeof nextOpening === "string" ? checked(readMoment(nextOpening)) : nextOpening,
      },
    };
  },
});

function toState(spec: object): StateFacts {
  const decoded = state.decode(storedDocument("State", "state", isJsonObject(spec) ? spec : {}));
  if (!decoded.ok) throw new Error("an unchecked state reached the domain");
  return decoded.value;
}

function stateOf(spec: JsonObject): JsonObject | null {
  const found = member(spec, "state");
  return isJsonObject(found) ? found : null;
}

/** The schema sees the fields; what no single field shows is the State's own check. */
function stateProblems(spec: JsonObject): readonly FieldProblem[] {
  const found = stateOf(spec);
  if (found === null || !state.schema.safeParse(found).success) return [];
  const decoded = state.decode(storedDocument("State", "state", found));
  return decoded.ok ? [] : decoded.error.map((problem) => ({ ...problem, at: insideState(problem.at) }));
}

function insideState(at: FieldProblem["at"]): FieldProblem["at"] {
  return ["spec", "state", ...at.slice(1)];
}

function stateReferences(spec: JsonObject): readonly Reference[] {
  const found = stateOf(spec);
  if (found === null) return [];
  return state.references(found).map((reference) => ({ ...reference, at: insideState(reference.at) }));
}

/** Asking about something undeclared may be what the case is about, so it is a warning only. */
function questionReferences(spec: JsonObject): readonly Reference[] {
  const asked = member(spec, "question");
  const fields = [
    ["service", "Service"],
    ["environment", "Environment"],
    ["requestedBy", "Person"],
  ] as const;
  return fields.flatMap(([field, kind]) => {
    const name = member(asked, field);
    const at = ["spec", "question", field];
    return typeof name === "string" && name !== "" ? [{ at, name, to: [kind], severity: "warning" } as const] : [];
  });
}

function expectProblems(spec: JsonObject): readonly FieldProblem[] {
  const expect = member(spec, "expect");
  if (!isJsonObject(expect)) return [];
  const at = ["spec", "expect"];
  if (Object.keys(expect).length === 0) {
    const message = "The case expects nothing, so it cannot fail.";
    return [
      { at, code: "missing-field", message, remedy: "Name a verdict, findings, absent codes or the next opening." },
    ];
  }
  const findings = member(expect, "findings");
  const named = isJsonObject(findings) ? Object.keys(findings) : [];
  const ids = rules.map(({ id }) => id);
  const ofRules = named.flatMap((rule): FieldProblem[] => {
    if (ids.includes(rule)) return codeProblems(rule, member(member(findings, rule), "code"));
    const message = `There is no rule ${shorten(rule)}.`;
    const remedy = `Name a rule of docs/rules.${didYouMean(rule, ids)}`;
    return [{ at: [...at, "findings", rule], on: "key", code: "unknown-reference", message, remedy }];
  });
  return [...ofRules, ...absentProblems(itemsOf(member(expect, "absent")))];
}

/** A slip here would make a case that never fails. */
function absentProblems(absent: readonly Json[]): readonly FieldProblem[] {
  const codes = new Set(["rule-failed", ...rules.flatMap((rule) => rule.codes)]);
  return absent.flatMap((code, index): FieldProblem[] => {
    if (typeof code !== "string" || codes.has(code)) return [];
    const at = ["spec", "expect", "absent", index];
    const message = `No rule has the code ${shorten(code)}.`;
    return [{ at, code: "unknown-reference", message, remedy: `Name a code of docs/rules.${didYouMean(code, codes)}` }];
  });
}

/** A code that the rule never gives would make a case that can only fail, or never does. */
function codeProblems(id: string, code: unknown): FieldProblem[] {
  const codes = [...(rules.find((rule) => rule.id === id)?.codes ?? []), "rule-failed"];
  if (typeof code !== "string" || codes.includes(code)) return [];
  const at = ["spec", "expect", "findings", id, "code"];
  const message = `The rule ${id} has no code ${shorten(code)}.`;
  return [
    { at, code: "unknown-reference", message, remedy: `Its codes: ${codes.join(", ")}.${didYouMean(code, codes)}` },
  ];
}
