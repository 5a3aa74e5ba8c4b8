import { z } from "zod";
import { durationField, instantField, nameField, textField, versionField } from "#config/fields.ts";
import { itemsOf, type Json, type JsonObject, member } from "#config/json.ts";
import { defineKind, type Reference } from "#config/kind.ts";
import { coverFields, coverProblems, type CoverState, toCoverState } from "#config/state-cover.ts";
import { exemptionFields, type ExemptionState, toExemptionState } from "#config/state-exemptions.ts";
import { digestProblem, reportFields, reportProblems, type ReportState, toReportState } from "#config/state-reports.ts";
import { limits } from "#config/limits.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { readDuration, readInstant } from "#config/time.ts";
import type { Approval } from "#core/approval/approval.ts";
import type { Reservation } from "#core/plan/reservation.ts";
import type { Artifact } from "#core/release/artifact.ts";
import type { Setback } from "#core/release/sequence.ts";
import {
  signalStatuses,
  type Deployed,
  type ExpectedDuration,
  type HeldLock,
  type PlannedBooking,
  type Signal,
} from "#core/release/state.ts";

/** What a server would know. A list that the document does not name is `assumed` where that differs from empty. */
export interface StateFacts extends CoverState, ReportState, ExemptionState {
  readonly artifacts: readonly Artifact[] | "assumed";
  readonly deployed: readonly Deployed[] | "assumed";
  readonly bookings: readonly PlannedBooking[];
  readonly approvals: readonly Approval[];
  readonly durations: readonly ExpectedDuration[];
  readonly signals: readonly Signal[];
  readonly setbacks: readonly Setback[];
  readonly locks: readonly HeldLock[];
  readonly reservations: readonly Reservation[];
}

const facts = {
  service: nameField("Name of the service."),
  version: versionField,
  environment: nameField("Name of the environment."),
};

const schema = z.strictObject({
  artifacts: rows(
    {
      service: facts.service,
      version: facts.version,
      digest: textField("`sha256:` and 64 hexadecimal digits."),
      registeredAt: instantField("When it became known.").optional(),
      author: nameField("Person who wrote it.").optional(),
    },
    "Registered artifacts; all are taken as known when the list is left out.",
  ),
  deployed: rows(
    {
      ...facts,
      since: instantField("Since when it runs there."),
      stabilisingUntil: instantField("Until when its stabilisation was prolonged; left out: it was not.").optional(),
    },
    "What runs where.",
  ),
  bookings: rows(
    { ...facts, from: instantField("Planned start."), to: instantField("Planned end, not included.") },
    "Planned changes.",
  ),
  approvals: rows(
    {
      ...facts,
      person: nameField("Person who decided."),
      decision: z.enum(["approved", "rejected"]).meta({ description: "What was decided." }),
      at: instantField("When it was decided."),
      contentDigest: textField("Digest of what was shown.").optional(),
      reason: textField("Why.").optional(),
      despite: z
        .array(nameField("Name of a freeze."))
        .max(limits.listLength)
        .optional()
        .meta({ description: "Freezes in spite of which it was given." }),
    },
    "Decisions of approvers.",
  ),
  durations: rows(
    {
      service: facts.service,
      environment: facts.environment,
      p95: durationField("95 % of the deployments take no longer."),
      rollbackP95: durationField("95 % of the rollbacks take no longer."),
    },
    "How long things take.",
  ),
  signals: rows(
    {
      service: facts.service,
      environment: facts.environment.optional(),
      status: z.enum(signalStatuses).meta({ description: "How the service is." }),
      since: instantField("Since when."),
      clearedFrom: z
        .enum(["degraded", "outage", "unknown"])
        .optional()
        .meta({ description: "What an `ok` came after; it holds on for a while." }),
      event: textField("Who says so, and its name there.").optional(),
    },
    "Health of services.",
  ),
  setbacks: rows(
    { ...facts, at: instantField("When it came back, or its deployment failed.") },
    "Versions that came back from an environment or never arrived; they hold what follows in a sequence.",
  ),
  locks: rows(
    {
      key: textField("What is locked, e.g. `environment:prod-emea`."),
      holder: textField("Who holds it."),
      fence: z.number().int().min(0).nullable().optional().meta({ description: "Fencing number of the holder." }),
      until: instantField("When the holder expects to be done.").nullable().optional(),
    },
    "Locks that are held.",
  ),
  reservations: rows(
    {
      place: textField("What is reserved: `environment:prod-emea`, or `resource:` and its name."),
      team: nameField("Team that has it."),
      from: instantField("Begin."),
      to: instantField("End, not included."),
      seats: z.array(z.number().int().min(1)).min(1).max(1000).optional().meta({
        description: "Which places of a resource; the first one when left out.",
      }),
      reason: textField("Why.").optional(),
    },
    "Who has an environment or places of a resource for a span.",
  ),
  ...coverFields,
  ...reportFields,
  ...exemptionFields,
});

function rows<Shape extends z.ZodRawShape>(shape: Shape, description: string) {
  return z
    .array(z.strictObject(shape))
    .max(100 * limits.listLength)
    .optional()
    .meta({ description });
}

type Spec = z.output<typeof schema>;

export const state = defineKind({
  kind: "State",
  summary:
    "What a server would know at the time asked about. Only for `--from` and tests: a server never stores it. Several documents add up.",
  example: `kind: State
spec:
  deployed: [{ service: pricing-svc, version: 3.1.0, environment: prod-emea, since: 2026-01-10T00:00:00Z }]
  locks: [{ key: "environment:prod-emea", holder: dep_0198, until: null }]`,
  schema,
  references: (spec) => Object.keys(spec).flatMap((list) => rowReferences(list, itemsOf(member(spec, list)))),
  check: (spec) => [...wrongSpans(spec), ...oddDigests(spec), ...coverProblems(spec), ...reportProblems(spec)],
  toDomain: (_name, spec): StateFacts => ({
    artifacts: spec.artifacts?.map(toArtifact) ?? "assumed",
    deployed: spec.deployed?.map(toDeployed) ?? "assumed",
    bookings: (spec.bookings ?? []).map((row) => ({ ...row, id: null, from: instant(row.from), to: instant(row.to) })),
    approvals: (spec.approvals ?? []).map(({ despite, ...row }) => ({
      ...row,
      ...(despite === undefined ? {} : { despite }),
      at: instant(row.at),
      contentDigest: row.contentDigest ?? null,
      reason: row.reason ?? null,
    })),
    durations: (spec.durations ?? []).map((row) => ({
      ...row,
      p95: checked(readDuration(row.p95)),
      rollbackP95: checked(readDuration(row.rollbackP95)),
    })),
    signals: (spec.signals ?? []).map((row) => ({
      ...row,
      environment: row.environment ?? null,
      since: instant(row.since),
      clearedFrom: row.clearedFrom ?? null,
      event: row.event ?? null,
    })),
    setbacks: (spec.setbacks ?? []).map((row) => ({ ...row, at: instant(row.at) })),
    locks: (spec.locks ?? []).map(toLock),
    reservations: (spec.reservations ?? []).map(toReservation),
    ...toCoverState(spec),
    ...toReportState(reportsIn(spec)),
    ...toExemptionState({ exemptions: spec.exemptions, emergencies: spec.emergencies, debts: spec.debts }),
  }),
});

function reportsIn(spec: Spec): Parameters<typeof toReportState>[0] {
  const { evidence, verifications, tickets, errorBudgets, riskScores, recoveries, passed, holds, stops } = spec;
  return { evidence, verifications, tickets, errorBudgets, riskScores, recoveries, passed, holds, stops };
}

function instant(text: string): Temporal.Instant {
  return checked(readInstant(text));
}

function toDeployed({ since, stabilisingUntil, ...row }: NonNullable<Spec["deployed"]>[number]): Deployed {
  const until = stabilisingUntil === undefined ? {} : { stabilisingUntil: instant(stabilisingUntil) };
  return { ...row, since: instant(since), ...until };
}

function toArtifact(row: NonNullable<Spec["artifacts"]>[number]): Artifact {
  const { service, version, digest, registeredAt, author } = row;
  return {
    service,
    version,
    digest,
    registeredAt: registeredAt === undefined ? null : instant(registeredAt),
    author: author ?? null,
  };
}

function toLock(row: NonNullable<Spec["locks"]>[number]): HeldLock {
  const until = row.until ?? null;
  return { key: row.key, holder: row.holder, fence: row.fence ?? null, until: until === null ? null : instant(until) };
}

function toReservation(row: NonNullable<Spec["reservations"]>[number]): Reservation {
  const { place, team, seats, reason } = row;
  const span = { from: instant(row.from), to: instant(row.to) };
  return { id: place, place, team, by: team, reason: reason ?? "", ...span, seats: seats ?? [1], notBefore: null };
}

/** Facts about something undeclared are most likely slips, but no reason to refuse the rest. */
function rowReferences(list: string, found: readonly Json[]): readonly Reference[] {
  const fields = [
    ["service", "Service"],
    ["environment", "Environment"],
    ["person", "Person"],
    ["replaces", "Person"],
    ["author", "Person"],
    ["by", "Person"],
    ["team", "Team"],
  ] as const;
  return found.flatMap((row, index) =>
    fields.flatMap(([field, kind]) => {
      const name = member(row, field);
      const at = ["spec", list, index, field];
      return typeof name === "string" ? [{ at, name, to: [kind], severity: "warning" } as const] : [];
    }),
  );
}

function wrongSpans(spec: JsonObject): readonly FieldProblem[] {
  return ["bookings", "reservations"].flatMap((list) => wrongSpansIn(spec, list));
}

function wrongSpansIn(spec: JsonObject, list: string): readonly FieldProblem[] {
  return itemsOf(member(spec, list)).flatMap((row, index): FieldProblem[] => {
    const [from, to] = [member(row, "from"), member(row, "to")];
    if (typeof from !== "string" || typeof to !== "string") return [];
    const [starts, ends] = [readInstant(from), readInstant(to)];
    if (!starts.ok || !ends.ok || Temporal.Instant.compare(starts.value, ends.value) < 0) return [];
    const at = ["spec", list, index, "to"];
    const message = `The ${list === "bookings" ? "booking" : "reservation"} ends at or before its start.`;
    return [{ at, code: "wrong-order", message, remedy: "Write a later end." }];
  });
}

function oddDigests(spec: JsonObject): readonly FieldProblem[] {
  return itemsOf(member(spec, "artifacts")).flatMap((row, index) =>
    digestProblem(row, ["spec", "artifacts", index, "digest"]),
  );
}
