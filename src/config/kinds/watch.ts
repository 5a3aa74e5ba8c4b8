import { z } from "zod";
import { durationField, listField, nameField } from "#config/fields.ts";
import { isJsonObject, itemsOf, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { metricFields, metricProblems, toMetric } from "#config/watch-metric.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import { roles } from "#core/catalog/people.ts";
import { elapsedMs } from "#core/policy/say.ts";
import type { Stabilisation } from "#core/rollout/stabilisation.ts";
import { isByMinute, triggerKinds, type Trigger, type TriggerKind } from "#core/rollout/triggers.ts";
import type { Watch } from "#core/rollout/watch.ts";

/** The agent keeps its counts for a quarter of an hour. */
const maxMinutes = 14;
const maxTriggers = 20;

const trigger = z.strictObject({
  name: nameField("Unique in the document."),
  kind: z.enum(triggerKinds).meta({
    description:
      "`errors`: per cent of the requests of a minute. `latency`: 95th percentile of a minute in ms. `health`: 1 while the target does not show the version ready with all the traffic. `integrity`: the newest value that was reported as evidence on the digest since it is live. `budget`: per cent of the error budget that has burned since. `metric`: the mean of a minute of what a source of criteria answers to `query`.",
  }),
  above: z.number().min(0).max(1_000_000_000).optional().meta({ description: "In breach above this." }),
  below: z
    .number()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .meta({ description: "For metric, instead of above: in breach below this." }),
  ...metricFields,
  breaches: z
    .number()
    .int()
    .min(1)
    .max(maxMinutes)
    .optional()
    .meta({ description: "So many steps in breach; 3 for errors, latency, metric and health, otherwise 1." }),
  of: z.number().int().min(1).max(maxMinutes).optional().meta({
    description:
      "… of the last so many: minutes for errors, latency and metric, looks two seconds apart for the rest; 5 for those with minutes, otherwise as many as `breaches`.",
  }),
  minRequests: z.number().int().min(0).max(1_000_000).optional().meta({
    description: "Requests without which a minute says nothing; 20 when left out. For metric points, and 1.",
  }),
  evidence: nameField("For integrity: kind of the evidence, such as reconciliation.").optional(),
});

const stabilisation = z.strictObject({
  lasts: durationField("For so long after going live it is looked after more closely."),
  alerts: listField(trigger, "Tighter limits than usual; they alert and take nothing back."),
  watcher: nameField("Person, team or role that looks after it.").optional(),
  checkIn: durationField("The watcher says how it goes this often.").optional(),
  escalate: nameField("Person, team or role that is told when a check-in is missed.").optional(),
});

export const watch = defineKind({
  kind: "Watch",
  summary:
    "What is watched once a version is live. For a window the triggers are armed: they take the version back by themselves. After it they alert. A stabilisation adds tighter limits, somebody who looks after it, and criteria for its end. Of several that match the highest priority applies.",
  example: `kind: Watch
metadata: { name: after-live }
spec:
  scope: { environments: ["prod-*"], tiers: [0, 1] }
  armed: PT30M
  triggers:
    - { name: errors, kind: errors, above: 2, breaches: 3, of: 5 }
    - { name: latency, kind: latency, above: 800, breaches: 3, of: 5 }
    - { name: ledger, kind: integrity, evidence: reconciliation, above: 0 }
    - { name: health, kind: health, above: 0, breaches: 5, of: 5 }
    - name: orders
      kind: metric
      source: prometheus
      query: sum(rate(orders_total{service="{service}",version="{version}"}[30s]))
      unit: orders/s
      below: 5
  stabilisation:
    lasts: PT24H
    alerts: [{ name: tight-errors, kind: errors, above: 1, breaches: 3, of: 5 }]
    watcher: operator
    checkIn: PT1H
    escalate: release-manager`,
  schema: z.strictObject({
    scope: scopeField,
    priority: z.number().int().min(-1000).max(1000).optional().meta({ description: "Highest first; 0 when left out." }),
    armed: durationField("For so long after going live the triggers take the version back by themselves."),
    triggers: z.array(trigger).min(1).max(maxTriggers).meta({ description: "Any one of them is enough." }),
    stabilisation: stabilisation
      .optional()
      .meta({ description: "Left out: twice the window is watched, the second half of it with alerts alone." }),
  }),
  references: (spec) => [
    ...whoAt(member(spec, "stabilisation"), "watcher"),
    ...whoAt(member(spec, "stabilisation"), "escalate"),
  ],
  check: watchProblems,
  whyMandatory: {
    scope: "Say what is watched; scope: {} is everything.",
    armed: "A version that is taken back by itself must say until when.",
  },
  toDomain: (name, spec): Watch => ({
    name,
    scope: toScope(spec.scope),
    priority: spec.priority ?? 0,
    armedSeconds: secondsOf(spec.armed),
    triggers: spec.triggers.map(toTrigger),
    stabilisation: spec.stabilisation === undefined ? null : toStabilisation(spec.stabilisation),
  }),
});

function toTrigger(spec: z.output<typeof trigger>): Trigger {
  const { name, kind, evidence = null } = spec;
  const minRequests = spec.minRequests ?? (kind === "metric" ? 1 : 20);
  const breaches = spec.breaches ?? usualBreaches(kind);
  const of = spec.of ?? (isByMinute({ kind }) ? Math.max(5, breaches) : breaches);
  const metric = toMetric(spec);
  const above = spec.above ?? spec.below ?? 0;
  return { name, kind, above, breaches, of, minRequests, evidence, ...(metric === null ? {} : { metric }) };
}

function usualBreaches(kind: TriggerKind): number {
  return isByMinute({ kind }) || kind === "health" ? 3 : 1;
}

function toStabilisation(spec: z.output<typeof stabilisation>): Stabilisation {
  return {
    lastsSeconds: secondsOf(spec.lasts),
    alerts: (spec.alerts ?? []).map(toTrigger),
    watcher: spec.watcher ?? null,
    checkInSeconds: spec.checkIn === undefined ? null : secondsOf(spec.checkIn),
    escalate: spec.escalate ?? null,
  };
}

function secondsOf(duration: string): number {
  return Math.ceil(elapsedMs(checked(readDuration(duration))) / 1000);
}

/** A role is a word of ours and no document. */
function whoAt(spec: Json | undefined, field: string): readonly Reference[] {
  const name = spec !== undefined && isJsonObject(spec) ? member(spec, field) : undefined;
  if (typeof name !== "string" || roles.some((role) => role === name)) return [];
  return [{ at: ["spec", "stabilisation", field], name, to: ["Person", "Team"] }];
}

function watchProblems(spec: JsonObject): readonly FieldProblem[] {
  const extra = member(spec, "stabilisation");
  const own = itemsOf(member(spec, "triggers")).map((item, place) => ({ item, at: ["spec", "triggers", place] }));
  const alerts = extra !== undefined && isJsonObject(extra) ? itemsOf(member(extra, "alerts")) : [];
  const all = [...own, ...alerts.map((item, place) => ({ item, at: ["spec", "stabilisation", "alerts", place] }))];
  const seen = new Set<unknown>();
  return [
    ...spanProblems(spec, ["spec", "armed"], "armed"),
    ...(extra !== undefined && isJsonObject(extra) ? stabilisationProblems(extra) : []),
    ...all.flatMap(({ item, at }) => {
      const name = member(item, "name");
      const isRepeated = seen.has(name);
      seen.add(name);
      return triggerProblems(item, at, isRepeated);
    }),
  ];
}

function stabilisationProblems(spec: JsonObject): readonly FieldProblem[] {
  const at: Path = ["spec", "stabilisation"];
  const problems = [...spanProblems(spec, [...at, "lasts"], "lasts")];
  const every = member(spec, "checkIn");
  if (every === undefined) return problems;
  problems.push(...spanProblems(spec, [...at, "checkIn"], "checkIn"));
  if (member(spec, "watcher") === undefined) {
    const message = "Check-ins are asked for, and nobody is named who gives them.";
    problems.push({ at: [...at, "checkIn"], code: "missing-field", message, remedy: "Name a watcher." });
  }
  return problems;
}

/** Shorter than a quarter of an hour nobody checks in, and longer than two weeks nobody watches. */
const longestMs = 14 * 24 * 3600 * 1000;
const shortestMs = { armed: 60_000, lasts: 60_000, checkIn: 15 * 60_000 } as const;

function spanProblems(spec: JsonObject, at: Path, field: keyof typeof shortestMs): readonly FieldProblem[] {
  const text = member(spec, field);
  const read = typeof text === "string" ? readDuration(text) : null;
  if (read === null || !read.ok) return [];
  const length = elapsedMs(read.value);
  if (length >= shortestMs[field] && length <= longestMs) return [];
  const message = `${field} is ${typeof text === "string" ? text : ""}, which is too short or too long.`;
  const remedy = `Write a span from ${shortestMs[field] / 60_000} minutes to two weeks, such as PT1H.`;
  return [{ at, code: "out-of-range", message, remedy }];
}

function triggerProblems(item: Json, at: Path, isRepeated: boolean): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (field: string, message: string, remedy: string): void =>
    void problems.push({ at: [...at, field], code: "contradiction", message, remedy });
  if (isRepeated) add("name", "The name stands twice in the document.", "Give each trigger its own name.");
  const [breaches, of] = [member(item, "breaches"), member(item, "of")];
  if (typeof breaches === "number" && typeof of === "number" && breaches > of) {
    add("breaches", `${breaches} of ${of} can never be.`, "Write at most as many breaches as steps.");
  }
  problems.push(...metricProblems(item, at));
  const isIntegrity = member(item, "kind") === "integrity";
  if (isIntegrity !== (member(item, "evidence") !== undefined)) {
    const message = isIntegrity ? "It does not say which evidence." : "Only integrity reads evidence.";
    add("evidence", message, isIntegrity ? "Name its kind, such as reconciliation." : "Leave it out.");
  }
  return problems;
}
