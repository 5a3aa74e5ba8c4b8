import { z } from "zod";
import { documentDigest } from "#config/document.ts";
import { durationField, listField, nameField, textField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type Json, member, type Path } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem, ProblemCode } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { stepKinds } from "#config/steps/registry.ts";
import { readDuration } from "#config/time.ts";
import { sha256 } from "#core/audit/sha256.ts";
import { roles } from "#core/catalog/people.ts";
import type { StepAction } from "#core/plan/action.ts";
import { naturalUndo } from "#core/plan/act.ts";
import { planProblems, type PlanProblem } from "#core/plan/check.ts";
import { guardProblems } from "#core/plan/check-guards.ts";
import { limits, type Compensation, type PlanStep } from "#core/plan/plan.ts";
import type { Runbook } from "#core/plan/runbook.ts";
import { elapsedMs } from "#core/policy/say.ts";

const actionFields = Object.fromEntries(stepKinds.map(({ field, schema }) => [field, schema]));
const actionNames = stepKinds.map(({ field }) => field);

const common = {
  name: nameField("Name of the step, unique in its part."),
  after: listField(nameField("Name of a step."), "Steps of the same part that must be over before."),
  timeout: durationField(
    "From its begin, repetitions included. Mandatory where somebody or something else is waited for.",
  ).optional(),
  attempts: z.number().int().min(1).max(limits.attempts).optional().meta({
    description: "Tries at a passing failure, the first included; 3 when left out. Lasting ones get no second.",
  }),
  uses: listField(
    z.strictObject({
      resource: nameField("Name of a Resource."),
      units: z.number().int().min(1).max(1000).optional().meta({ description: "1 when left out." }),
    }),
    "What is shared and has to be free before it begins; it waits in a fair queue. Its undo needs it too.",
  ),
  contacts: listField(nameField("Name of a team."), "Teams of which the run shows who is on call now."),
  undo: z.strictObject(actionFields).optional().meta({ description: "How it is taken back; one of the actions." }),
  irreversible: textField("Why there is no way to take it back, instead of `undo`.").optional(),
};
const step = z.strictObject({ ...common, ...actionFields });

const schema = z.strictObject({
  owner: nameField("Person or team that answers for it."),
  summary: textField("What it is for, in one sentence.").optional(),
  overseer: nameField(
    "It is of high risk: person, team or role, other than the owner of the run, who has to be present for steps that change something.",
  ).optional(),
  within: durationField("From begin to end at most, way back included."),
  parallel: z
    .number()
    .int()
    .min(1)
    .max(limits.parallel)
    .optional()
    .meta({ description: "So many steps at the same time at most; 5 when left out." }),
  steps: z.array(step).min(1).max(limits.steps).meta({ description: "The way forward: a graph by `after`." }),
  rollback: listField(step, "The way back, behind the undo of what was done. Never empty."),
});

const defaults = { parallel: 5, attempts: 3, seconds: 60 } as const;

export const runbook = defineKind({
  kind: "Runbook",
  summary:
    "A plan that people wrote down: steps as a graph, each with its deadline and how it is taken back, and a way back as a whole. What waits for nobody has a minute when no time-out is given. A run is pinned to the version with which it began.",
  example: `kind: Runbook
metadata: { name: orders-switch-over }
spec:
  owner: payments
  summary: Orders move to the new cluster.
  within: PT6H
  steps:
    - { name: announce, record: "Orders are about to move." }
    - { name: drain, after: [announce], timeout: PT10M, http: { url: "https://ops.example/drain" }, undo: { http: { url: "https://ops.example/refill" } } }
    - { name: sign, after: [drain], timeout: PT2H, humanTask: { who: compliance, instruction: Compare the balances and sign. } }
    - { name: settle, after: [sign], soak: PT15M }
  rollback:
    - { name: look, timeout: PT1H, humanTask: { who: payments, instruction: See that orders run on the old cluster. } }`,
  schema,
  references: (spec) => [
    ...referenceAt(spec, "owner", ["Team", "Person"]),
    ...(isRole(member(spec, "overseer")) ? [] : referenceAt(spec, "overseer", ["Team", "Person"])),
    ...(["steps", "rollback"] as const).flatMap((part) =>
      itemsOf(member(spec, part)).flatMap((item, index) => stepReferences(item, ["spec", part, index])),
    ),
  ],
  check: (spec) =>
    (["steps", "rollback"] as const).flatMap((part) =>
      itemsOf(member(spec, part)).flatMap((item, index) => actionProblems(item, ["spec", part, index])),
    ),
  verify: ({ plan }: Runbook) => [...planProblems(plan), ...guardProblems(plan)].map(placed),
  whyMandatory: {
    within: "Say how long the whole may take: the latest begin of the way back follows from it.",
    rollback: "Describe the way back.",
  },
  toDomain: (name, spec, document): Runbook => ({
    name,
    version: documentDigest(document, sha256),
    owner: spec.owner,
    summary: spec.summary ?? "",
    overseer: spec.overseer ?? null,
    plan: {
      steps: spec.steps.map(toStep),
      rollback: (spec.rollback ?? []).map(toStep),
      parallel: spec.parallel ?? defaults.parallel,
      withinSeconds: secondsOf(spec.within),
    },
  }),
});

function isRole(name: Json | undefined): boolean {
  return roles.some((role) => role === name);
}

function toStep(given: z.output<typeof step>): PlanStep {
  const { name, after, timeout, attempts, uses, contacts, undo, irreversible } = given;
  const action = toAction(given);
  return {
    name,
    after: after ?? [],
    action,
    timeoutSeconds: timeout === undefined ? ownSeconds(action) : secondsOf(timeout),
    attempts: attempts ?? defaults.attempts,
    compensation: toCompensation(undo, irreversible, naturalUndo(name, action)),
    uses: [
      ...(uses ?? []).map(({ resource, units }) => ({ resource, units: units ?? 1 })),
      ...(action.kind === "lock" ? action.resources : []),
    ],
    ...(contacts === undefined ? {} : { contacts }),
  };
}

/** What is not said follows from the action itself, where it does. */
function toCompensation(undo: unknown, irreversible: string | undefined, natural: StepAction | null): Compensation {
  if (undo !== undefined) return { kind: "undo", action: toAction(undo) };
  if (irreversible !== undefined) return { kind: "irreversible", reason: irreversible };
  return natural === null ? { kind: "none-needed" } : { kind: "undo", action: natural };
}

/** `check` has seen that there is exactly one. */
function toAction(given: unknown): StepAction {
  for (const { field, read } of stepKinds) {
    const value: unknown = typeof given === "object" && given !== null ? Reflect.get(given, field) : undefined;
    if (value !== undefined) return read(value);
  }
  throw new Error("an unchecked step reached the domain");
}

/** A soak takes as long as it says, and so does watching; what answers by itself has a minute. */
function ownSeconds(action: StepAction): number {
  if (action.kind === "observe") return action.maxSeconds + defaults.seconds;
  return action.kind === "wait-until" && "after" in action.moment ? action.moment.after : defaults.seconds;
}

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}

function stepReferences(item: Json, at: Path): readonly Reference[] {
  const undo = isJsonObject(item) ? member(item, "undo") : undefined;
  const uses = isJsonObject(item) ? itemsOf(member(item, "uses")) : [];
  return [
    ...uses.flatMap((use, index) => {
      const name = isJsonObject(use) ? member(use, "resource") : undefined;
      return typeof name === "string" ? [{ at: [...at, "uses", index, "resource"], name, to: ["Resource"] }] : [];
    }),
    ...itemsOf(isJsonObject(item) ? member(item, "contacts") : undefined).flatMap((name, index) =>
      typeof name === "string" ? [{ at: [...at, "contacts", index], name, to: ["Team"] }] : [],
    ),
    ...actionsOf(item).flatMap(({ field, given, references }) => references(given, [...at, field])),
    ...actionsOf(undo).flatMap(({ field, given, references }) => references(given, [...at, "undo", field])),
  ];
}

function actionsOf(item: Json | undefined) {
  if (item === undefined || !isJsonObject(item)) return [];
  return stepKinds.flatMap(({ field, references }) => {
    const given = member(item, field);
    return given === undefined ? [] : [{ field, given, references }];
  });
}

/** What is waited for has no natural end, so the time-out must be said. */
const endless: readonly string[] = [
  "waitUntil",
  "humanTask",
  "subRelease",
  "rollBack",
  "waitForWindow",
  "stayHealthy",
  "approve",
  "lock",
  "shell",
  "migrateSchema",
];

function actionProblems(item: Json, at: Path): readonly FieldProblem[] {
  if (!isJsonObject(item)) return [];
  const given = actionsOf(item).map(({ field }) => field);
  const undo = member(item, "undo");
  const found = [...countProblems(given, at, "A step")];
  if (undo !== undefined) {
    found.push(
      ...countProblems(
        actionsOf(undo).map(({ field }) => field),
        [...at, "undo"],
        "An undo",
      ),
    );
    if (member(item, "irreversible") !== undefined) {
      const message = "A step is taken back or irreversible, not both.";
      found.push(problem([...at, "irreversible"], "contradiction", message, "Leave one of the two out."));
    }
  }
  if (given.some((field) => endless.includes(field)) && member(item, "timeout") === undefined) {
    const message = `Nobody knows how long ${given.join(", ")} takes, so the step needs a timeout.`;
    found.push(problem(at, "missing-field", message, "Add timeout, such as PT2H."));
  }
  return found;
}

function countProblems(given: readonly string[], at: Path, what: string): readonly FieldProblem[] {
  if (given.length === 1) return [];
  const message =
    given.length === 0
      ? `${what} says nothing that is to be done.`
      : `${what} does one thing, not ${given.join(" and ")}.`;
  return [
    problem(
      at,
      given.length === 0 ? "missing-field" : "contradiction",
      message,
      `Name one of ${actionNames.join(", ")}.`,
    ),
  ];
}

const codes: Readonly<Record<PlanProblem["code"], ProblemCode>> = {
  repeated: "duplicate-name",
  unknown: "unknown-reference",
  cycle: "step-cycle",
  "no-compensation": "no-way-back",
  "no-rollback": "no-way-back",
  "too-long": "out-of-range",
  "bad-value": "bad-value",
};

function placed({ part, index, field, code, message, remedy }: PlanProblem): FieldProblem {
  const at: Path = [
    "spec",
    part,
    ...(index === null ? [] : [index]),
    ...(field === null || index === null ? [] : [field]),
  ];
  return problem(at, codes[code], message, remedy);
}

function problem(at: Path, code: ProblemCode, message: string, remedy: string): FieldProblem {
  return { at, code, message, remedy };
}
