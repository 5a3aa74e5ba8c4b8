import { z } from "zod";
import { durationField, listField, nameField, textField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { readDuration } from "#config/time.ts";
import { roles } from "#core/catalog/people.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { decisionOptions, type DecisionProtocol } from "#core/rollback/decision.ts";
import type { RehearsalPlan } from "#core/rollback/rehearsal.ts";
import type { Rollback } from "#core/rollback/rollback.ts";

const limit = z.strictObject({
  service: nameField(
    "Service at the other end of the asynchronous edge; left out for what concerns no other service.",
  ).optional(),
  cannot: textField("What going back does not undo, in one sentence."),
  remedy: textField("What is done about it, in one sentence."),
});

const tables = z.strictObject({
  database: nameField("Name of the database in the configuration of the agent there."),
  tables: z
    .array(nameField("Name of a table, with its schema where it is not in the search path."))
    .min(1)
    .max(50)
    .meta({ description: "Tables whose rows must be the same before and after." }),
});

const rehearsal = z.strictObject({
  environment: nameField("Environment where it is rehearsed; users must not be hurt there."),
  data: listField(tables, "What is compared before and after."),
  migrates: listField(
    nameField("Name of a database in the configuration of the agent there."),
    "Databases to which the version brings scripts: they are applied, and taken back.",
  ),
  flags: listField(
    z.strictObject({
      project: z.string().min(1).max(100).meta({ description: "Project that keeps the flag." }),
      flag: z.string().min(1).max(100).meta({ description: "Name of the flag there." }),
      on: z.boolean().meta({ description: "To what the version needs it." }),
    }),
    "Feature flags that go with the version: they are switched, and switched back to what they were.",
  ),
});

const whoField = (description: string): z.ZodString => nameField(`${description} Person, team or role.`);
const stakeholder = z.strictObject({
  who: whoField("Who is asked."),
  deputy: whoField("Who is asked instead when nobody of them answers in time.").optional(),
});

const decision = z.strictObject({
  decider: whoField("Who decides."),
  deputy: whoField("Who may decide as well.").optional(),
  within: durationField("From the first alert; then the default is taken. Half an hour when left out.").optional(),
  whenSilent: z.enum(decisionOptions).optional().meta({
    description: "What is done when nobody has decided in time; `go-back` when left out.",
  }),
  firstMessage: durationField("When the first message goes out; after two minutes when left out.").optional(),
  tell: listField(whoField("Who gets the first message."), "Who is told besides those who decide."),
  downtime: durationField(
    "How long users are without the service while it is taken back: then the stakeholders are asked. Left out: they are not without it.",
  ).optional(),
  stakeholders: listField(stakeholder, "Whose business it is."),
  answerWithin: durationField(
    "Who is silent for so long has their deputy asked; five minutes when left out.",
  ).optional(),
});

const schema = z.strictObject({
  service: nameField("Service that is taken back; one document for each."),
  triggers: z.array(textField("A sentence.")).min(1).max(20).meta({ description: "When it is taken back." }),
  steps: z.array(textField("A sentence.")).min(1).max(50).meta({ description: "What is done, in order." }),
  expected: durationField(
    "How long it takes, as its team estimates. A rehearsal of the same pair of versions takes its place.",
  ).optional(),
  pointOfNoReturn: z
    .strictObject({
      percent: z.number().gt(0).max(100).meta({ description: "From the stage with this share of traffic on." }),
      why: textField("Why there is no way back from there, in one sentence."),
      whenSilent: z.enum(decisionOptions).optional().meta({
        description:
          "Past it nothing goes back by itself: whoever decides is asked. What is done when nobody decides in time; `go-on`, to be fixed forward, when left out.",
      }),
    })
    .optional()
    .meta({ description: "From here on the plan is to fix forward. Left out: it can be taken back at any time." }),
  limits: listField(limit, "What going back does not undo. Every message and data edge needs one."),
  rehearsal: rehearsal.optional().meta({ description: "How the way back is tried before it is needed." }),
  decision: decision.optional().meta({ description: "Who decides when it is not clear whether to go back." }),
});

const defaults = { within: "PT30M", firstMessage: "PT2M", answerWithin: "PT5M" } as const;
/** What takes longer is not decided on the spot. */
const longestMs = 24 * 3600 * 1000;

export const rollback = defineKind({
  kind: "Rollback",
  summary:
    "How a service is taken back, thought out before anything goes: when, in which steps, how long it takes, from where on there is no way back, and what it cannot undo. Also how it is rehearsed, and who decides when it is not clear whether to go back.",
  example: `kind: Rollback
metadata: { name: checkout-api }
spec:
  service: checkout-api
  triggers: [More than 2 % of the orders fail.]
  steps: [All traffic goes back to the version before., The scripts of the version are taken back.]
  expected: PT20M
  pointOfNoReturn: { percent: 100, why: The nightly billing has read the new format. }
  limits:
    - service: ledger-core
      cannot: Postings that were consumed stay posted.
      remedy: Payments reverses them with the report of the run.
  rehearsal: { environment: staging, data: [{ database: orders, tables: [orders, order_line] }], migrates: [orders] }
  decision: { decider: bob, deputy: kemal, within: PT10M, tell: [checkout], downtime: PT25M, stakeholders: [{ who: finn, deputy: gina }] }`,
  schema,
  references: (spec) => [
    ...referenceAt(spec, "service", ["Service"]),
    ...itemsOf(member(spec, "limits")).flatMap((item, index) =>
      nameAt(item, "service", ["spec", "limits", index], ["Service", "Vendor"]),
    ),
    ...nameAt(member(spec, "rehearsal"), "environment", ["spec", "rehearsal"], ["Environment"]),
    ...whoIsNamed(member(spec, "decision")),
  ],
  check: (spec) => decisionProblems(spec),
  toDomain: (name, spec): Rollback => ({
    plan: {
      service: spec.service,
      document: name,
      triggers: spec.triggers,
      steps: spec.steps,
      expected: spec.expected === undefined ? null : checked(readDuration(spec.expected)),
      pointOfNoReturn: spec.pointOfNoReturn ?? null,
      limits: (spec.limits ?? []).map(({ service, cannot, remedy }) => ({ service: service ?? null, cannot, remedy })),
    },
    rehearsal:
      spec.rehearsal === undefined
        ? null
        : {
            environment: spec.rehearsal.environment,
            data: spec.rehearsal.data ?? [],
            migrates: spec.rehearsal.migrates ?? [],
            ...flagsOf(spec.rehearsal.flags ?? []),
          },
    decision: spec.decision === undefined ? null : toProtocol(spec.decision),
  }),
});

function flagsOf(
  flags: readonly { readonly project: string; readonly flag: string; readonly on: boolean }[],
): Pick<RehearsalPlan, "flags"> {
  if (flags.length === 0) return {};
  return { flags: flags.map(({ project, flag, on }) => ({ project, flag, isOn: on })) };
}

function toProtocol(spec: z.output<typeof decision>): DecisionProtocol {
  const length = (text: string): Temporal.Duration => checked(readDuration(text));
  return {
    decider: spec.decider,
    deputy: spec.deputy ?? null,
    within: length(spec.within ?? defaults.within),
    whenSilent: spec.whenSilent ?? "go-back",
    firstMessage: length(spec.firstMessage ?? defaults.firstMessage),
    tell: spec.tell ?? [],
    downtime: spec.downtime === undefined ? null : length(spec.downtime),
    stakeholders: (spec.stakeholders ?? []).map(({ who, deputy }) => ({ who, deputy: deputy ?? null })),
    answerWithin: length(spec.answerWithin ?? defaults.answerWithin),
  };
}

/** A role is a word of ours and no document. */
function nameAt(item: Json | undefined, field: string, at: Path, to: readonly string[]): readonly Reference[] {
  const name = item !== undefined && isJsonObject(item) ? member(item, field) : undefined;
  if (typeof name !== "string" || roles.some((role) => role === name)) return [];
  return [{ at: [...at, field], name, to }];
}

const people = ["Person", "Team"];

function whoIsNamed(spec: Json | undefined): readonly Reference[] {
  if (spec === undefined || !isJsonObject(spec)) return [];
  const at: Path = ["spec", "decision"];
  return [
    ...nameAt(spec, "decider", at, people),
    ...nameAt(spec, "deputy", at, people),
    ...itemsOf(member(spec, "tell")).flatMap((name, index): readonly Reference[] =>
      typeof name === "string" && !roles.some((role) => role === name)
        ? [{ at: [...at, "tell", index], name, to: people }]
        : [],
    ),
    ...itemsOf(member(spec, "stakeholders")).flatMap((item, index) => [
      ...nameAt(item, "who", [...at, "stakeholders", index], people),
      ...nameAt(item, "deputy", [...at, "stakeholders", index], people),
    ]),
  ];
}

/** A message behind the end of the clock would never go out. */
function decisionProblems(spec: JsonObject): readonly FieldProblem[] {
  const given = member(spec, "decision");
  if (given === undefined || !isJsonObject(given)) return [];
  const within = lengthIn(given, "within") ?? elapsedMs(checked(readDuration(defaults.within)));
  const problems: FieldProblem[] = [];
  if (within <= 0 || within > longestMs) {
    const message = "A decision is made within a day, and not at once.";
    problems.push({ at: atField("within"), code: "out-of-range", message, remedy: "Write a span such as PT10M." });
  }
  for (const field of ["firstMessage", "answerWithin"] as const) {
    const length = lengthIn(given, field) ?? elapsedMs(checked(readDuration(defaults[field])));
    if (length < within) continue;
    const message = `${field} is ${length === within ? "at" : "behind"} the end of the clock, so it has no effect.`;
    problems.push({ at: atField(field), code: "wrong-order", message, remedy: "Make it shorter than within." });
  }
  if (member(given, "downtime") !== undefined && itemsOf(member(given, "stakeholders")).length === 0) {
    const message = "Going back needs downtime, and nobody is named whose business it is.";
    problems.push({ at: atField("downtime"), code: "missing-field", message, remedy: "Name stakeholders." });
  }
  return problems;
}

function atField(field: string): Path {
  return ["spec", "decision", field];
}

function lengthIn(given: JsonObject, field: string): number | null {
  const text = member(given, field);
  const read = typeof text === "string" ? readDuration(text) : null;
  return read !== null && read.ok ? elapsedMs(read.value) : null;
}
