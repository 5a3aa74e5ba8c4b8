import { contentOf, standingAt } from "#core/approval/count.ts";
import type { ApprovalRoute } from "#core/approval/route.ts";
import { expressionReader, type VariableMap, type Variables, type VariableShapes } from "#core/policy/expression.ts";
import type { Facts } from "#core/policy/facts.ts";
import { isAfter } from "#core/policy/moments.ts";
import { projectionOf } from "#core/policy/version-set.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";

/**
 * All that a clause may ask about. Texts that are not known are empty; what has no value is missing from its map, so that
 * asking for it is an error and never a pass. Everything but `time` is as of the instant of the facts; `time` is local
 * time of the environment: weekdays count from 1, Monday, to 7, and the date is written as 2026-03-28.
 */
export const clauseVariables = {
  subject: {
    version: "string",
    action: "string",
    class: "string",
    invoker: "string",
    requestedBy: "string",
    hasRollbackPlan: "bool",
  },
  service: {
    name: "string",
    unit: "string",
    team: "string",
    tier: "int",
    tags: "list<string>",
    dataClasses: "list<string>",
    dependsOn: "list<string>",
  },
  environment: { name: "string", region: "string", zone: "string", protected: "bool", stagesBefore: "list<string>" },
  artifact: { digest: "string", author: "string" },
  /** Kind → outcome of its newest record: `pass`, `fail` or `not-enough`. */
  evidence: "map<string, string>",
  /** Kind → figure of its newest record, where it has one. */
  figures: "map<string, double>",
  /** `score`, where somebody has scored it. */
  risk: "map<string, double>",
  /** `left`, where somebody reports it. */
  errorBudget: "map<string, double>",
  /** Distinct persons who approved this content, requester and author left out; 0 once somebody has rejected it. */
  approvals: "int",
  /** Versions of the service that are live in the environment. */
  deployed: "list<string>",
  time: { hour: "int", weekday: "int", day: "int", month: "int", year: "int", date: "string" },
} as const satisfies VariableShapes;

export const timeFields = ["hour", "weekday", "day", "month", "year", "date"] as const;
export type LocalTime = Readonly<Record<(typeof timeFields)[number], bigint | string>>;

/** Reads the expression of a clause; a problem names line and column. What configuration checks by. */
export const readClause = expressionReader(clauseVariables);

export type ClauseFacts = Pick<
  Facts,
  | "at"
  | "subject"
  | "service"
  | "environment"
  | "artifact"
  | "evidence"
  | "riskScore"
  | "errorBudget"
  | "approvals"
  | "people"
  | "deployed"
  | "stagesBefore"
>;

/** The values but for `time`; null while service or environment are not known. */
export function factVariables(facts: ClauseFacts): Variables | null {
  const { subject, service, environment, artifact, evidence, riskScore, errorBudget, stagesBefore } = facts;
  if (service === null || environment === null) return null;
  const known = artifact === "assumed" ? null : artifact;
  const own = evidence === "assumed" ? [] : evidence.filter(({ digest }) => digest === known?.digest);
  return {
    subject: {
      version: subject.version,
      action: subject.action,
      class: subject.class,
      invoker: subject.invoker,
      requestedBy: subject.requestedBy ?? "",
      hasRollbackPlan: subject.hasRollbackPlan === true,
    },
    service: {
      name: service.name,
      unit: service.unit,
      team: service.team,
      tier: BigInt(service.tier),
      tags: service.tags,
      dataClasses: service.dataClasses,
      dependsOn: service.dependsOn.map(({ on }) => on),
    },
    environment: {
      name: environment.name,
      region: environment.region ?? "",
      zone: environment.zone,
      protected: environment.protected,
      stagesBefore,
    },
    artifact: { digest: known?.digest ?? "", author: known?.author ?? "" },
    ...evidenceVariables(own),
    risk: typeof riskScore === "string" ? none : figureOf("score", riskScore?.score),
    errorBudget: typeof errorBudget === "string" ? none : figureOf("left", errorBudget?.left),
    approvals: BigInt(approvalsOf(facts)),
    deployed: liveOf(facts),
  };
}

/** Local time of the environment at an instant. */
export function timeVariables(local: Temporal.ZonedDateTime): { readonly time: LocalTime } {
  const { hour, dayOfWeek, day, month, year } = local;
  const date = local.toPlainDate().toString();
  return {
    time: {
      hour: BigInt(hour),
      weekday: BigInt(dayOfWeek),
      day: BigInt(day),
      month: BigInt(month),
      year: BigInt(year),
      date,
    },
  };
}

const none: VariableMap = new Map();

function figureOf(name: string, value: number | undefined): VariableMap {
  return value === undefined ? none : new Map([[name, value]]);
}

function evidenceVariables(records: readonly EvidenceRecord[]): Variables {
  const newest = new Map<string, EvidenceRecord>();
  for (const record of records) {
    const known = newest.get(record.kind);
    if (known === undefined || isAfter(record.at, known.at)) newest.set(record.kind, record);
  }
  const all = [...newest.values()];
  return {
    evidence: new Map(all.map(({ kind, outcome }) => [kind, outcome])),
    figures: new Map(all.flatMap(({ kind, value }) => (value === null ? [] : [[kind, value] as const]))),
  };
}

/** Who is entitled is the matter of the routes: here every known person counts. */
const anyRoute: ApprovalRoute = {
  name: "any",
  scope: {},
  priority: 0,
  approvals: 0,
  roles: [],
  teams: [],
  validFor: null,
};

function approvalsOf({ at, subject, artifact, approvals, people }: ClauseFacts): number {
  const { approvedBy, rejectedBy } = standingAt(anyRoute, approvals, contentOf({ subject, artifact }), people, at);
  return rejectedBy === null ? approvedBy.length : 0;
}

function liveOf({ at, subject, deployed }: ClauseFacts): readonly string[] {
  if (typeof deployed === "string") return [];
  return projectionOf(subject.service, { at, deployed, bookings: [], environment: subject.environment }).live;
}
