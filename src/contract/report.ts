import { z } from "zod";
import { digest, entityName, givenInstant, instant, pageQuery, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

/** Who measured: the name of a system, a pipeline or a feed; one that speaks with the account of the caller. */
const source = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/@-]{0,99}$/, "the name of the system that says so");
/** When it was measured; now when left out. At most a minute ahead of this server. */
const at = givenInstant.optional();
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,99}$/, "a word or a few, at most 100 characters");
/** Where to read more, or an id there. */
const ref = z.string().min(1).max(500).nullable().default(null);
/** Figures beyond this are no measurements. */
const figure = z.number().min(-1e15).max(1e15);

/** The source reports again within this time, or it is taken for silent; left out: it reports changes only. */
const freshFor = z
  .string()
  .regex(/^(P[0-9]{1,2}D|PT[0-9]{1,6}[HMS])$/, "a time in one unit: PT30S, PT10M, PT2H, P1D")
  .optional();

const evidence = {
  digest,
  kind: entityName,
  outcome: z.enum(["pass", "fail", "not-enough"]),
  value: figure.nullable().default(null),
  ruleSet: word.nullable().default(null),
  ref,
};
const verification = {
  digest,
  outcome: z.enum(["verified", "digest-mismatch", "unsigned", "untrusted-key", "revoked-key"]),
  key: z.string().min(1).max(500).nullable().default(null),
};
const ticket = {
  key: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._#/-]{0,99}$/, "the key of the ticket, such as CHG-4711"),
  services: z.array(entityName).min(1).max(50),
  environments: z.array(entityName).max(50).default([]),
  state: word,
  from: givenInstant.nullable().default(null),
  to: givenInstant.nullable().default(null),
};
const errorBudget = {
  service: entityName,
  environment: entityName.nullable().default(null),
  /** Part of the budget that is left: 1 is all of it, below 0 it is overspent. */
  left: z.number().min(-1e6).max(1),
};
const riskScore = {
  service: entityName,
  version,
  environment: entityName,
  score: z.number().min(0).max(100),
};
const signal = {
  service: entityName,
  environment: entityName.nullable().default(null),
  status: z.enum(["ok", "degraded", "outage", "unknown"]),
  ref,
};

const seconds = z.number().min(0).max(1e9).nullable().default(null);
const bytes = z.int().min(0).nullable().default(null);
const place = { service: entityName, environment: entityName };
const backup = {
  ...place,
  /** Of the last one. */
  outcome: z.enum(["done", "failed"]).default("done"),
  /** From one backup to the next. */
  intervalSeconds: seconds,
  /** When what was saved last was true; null: nothing was ever saved, or nobody knows when. */
  lastSuccessAt: givenInstant.nullable().default(null),
  bytes,
  ref,
};
const restore = {
  ...place,
  /** `different`: the restored data is not what was saved. */
  outcome: z.enum(["done", "failed", "different"]),
  /** As measured, until the service could be used again. */
  tookSeconds: seconds,
  /** When what was restored was true. */
  savedAt: givenInstant.nullable().default(null),
  bytes,
  /** What was compared. */
  detail: z.string().min(1).max(500).nullable().default(null),
  /** Of the protocol of the restore. */
  digest: digest.nullable().default(null),
  ref,
};
/** Both as they are kept. */
const recovery = {
  ...place,
  act: z.enum(["backup", "restore"]),
  outcome: z.enum(["done", "failed", "different"]),
  intervalSeconds: z.number().nullable(),
  savedAt: instant.nullable(),
  tookSeconds: z.number().nullable(),
  bytes: z.number().nullable(),
  detail: z.string().nullable(),
  digest: z.string().nullable(),
  ref: z.string().nullable(),
};

/** Kinds of reports, as they stand in addresses. */
export const reportKind = z.enum([
  "evidence",
  "verification",
  "ticket",
  "error-budget",
  "risk-score",
  "signal",
  "recovery",
]);

const receipt = z
  .strictObject({
    id: z.string(),
    /** False: exactly this report was on record already. */
    recorded: z.boolean(),
    /** False: a newer one of the same key is on record; this one serves questions about the past. */
    counts: z.boolean(),
  })
  .meta({ id: "Receipt" });

const taking = {
  method: "post",
  tag: "release",
  permission: "report.submit",
  answers: { 200: receipt },
  problems: ["no-such-service", "no-such-environment", "in-the-future", "too-many-reports", "foreign-source"],
} as const;

export const reportEvidence = defineRoute({
  ...taking,
  path: "/v1/reports/evidence",
  operation: "reportEvidence",
  summary: "A result about one digest: tests, coverage, scans, reviews, load tests",
  body: z.strictObject({ ...evidence, source, at }),
});

export const reportVerification = defineRoute({
  ...taking,
  path: "/v1/reports/verification",
  operation: "reportVerification",
  summary: "Whether a digest and its signature are those of a trusted key",
  body: z.strictObject({ ...verification, source, at }),
});

export const reportTicket = defineRoute({
  ...taking,
  path: "/v1/reports/ticket",
  operation: "reportTicket",
  summary: "A change ticket as it stands: its state, what it names, its planned span",
  body: z.strictObject({ ...ticket, source, at }),
  problems: [...taking.problems, "bad-span"],
});

export const reportErrorBudget = defineRoute({
  ...taking,
  path: "/v1/reports/error-budget",
  operation: "reportErrorBudget",
  summary: "How much of the error budget of a service is left",
  body: z.strictObject({ ...errorBudget, source, at, freshFor }),
  problems: [...taking.problems, "bad-freshness"],
});

export const reportRiskScore = defineRoute({
  ...taking,
  path: "/v1/reports/risk-score",
  operation: "reportRiskScore",
  summary: "The risk of one version in one environment, 0 to 100",
  body: z.strictObject({ ...riskScore, source, at }),
});

export const reportSignal = defineRoute({
  ...taking,
  path: "/v1/reports/signal",
  operation: "reportSignal",
  summary: "How a service or vendor is; what needs it is judged again at once",
  body: z.strictObject({ ...signal, source, at, freshFor }),
  problems: [...taking.problems, "bad-freshness"],
});

export const reportBackup = defineRoute({
  ...taking,
  path: "/v1/reports/backup",
  operation: "reportBackup",
  summary: "How often a service is saved, and when it last succeeded",
  body: z.strictObject({ ...backup, source, at }),
});

export const reportRestore = defineRoute({
  ...taking,
  path: "/v1/reports/restore",
  operation: "reportRestore",
  summary: "What came of restoring a backup, how long it took, and whether the data is the same",
  body: z.strictObject({ ...restore, source, at }),
});

const told = { source: z.string(), at: instant };
const received = { id: z.string(), receivedAt: instant, reportedBy: z.string(), account: z.string() };
const promised = {
  /** The report holds up to, not at, this instant; absent: its source reports changes only. */
  freshUntil: instant.optional(),
  /** Put on record by the server: the source had promised to report again by this instant. */
  silentSince: instant.optional(),
};
const ofKind = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...received, report: z.strictObject({ ...shape, ...told }) });

/** A report as it was taken, with who brought it. */
export const report = z
  .discriminatedUnion("kind", [
    ofKind("evidence", evidence),
    ofKind("verification", verification),
    ofKind("ticket", { ...ticket, from: instant.nullable(), to: instant.nullable() }),
    ofKind("error-budget", { ...errorBudget, ...promised }),
    ofKind("risk-score", riskScore),
    ofKind("signal", { ...signal, ...promised }),
    ofKind("recovery", recovery),
  ])
  .meta({ id: "Report" });

export const listReporters = defineRoute({
  method: "get",
  path: "/v1/reporters",
  operation: "listReporters",
  tag: "release",
  summary: "Who reports signals and error budgets, the silent ones first, then by age",
  permission: "organisation.read",
  answers: {
    200: z.strictObject({
      items: z.array(
        z
          .strictObject({
            kind: z.enum(["signal", "error-budget"]),
            service: z.string(),
            environment: z.string().nullable(),
            source: z.string(),
            /** What it said last; null for a figure. */
            outcome: z.string().nullable(),
            heardAt: instant,
            /** Its report holds up to, not at, this instant; null: it reports changes only. */
            freshUntil: instant.nullable(),
            /** It promised to report again, and has not: what it said is not known any more. */
            silent: z.boolean(),
          })
          .meta({ id: "Reporter" }),
      ),
      /** Reporters that are not listed, because one answer has its limits. */
      left: z.int(),
    }),
  },
});

export const listReports = defineRoute({
  method: "get",
  path: "/v1/reports/:kind",
  operation: "listReports",
  tag: "release",
  summary: "Reports of one kind, newest first, superseded ones among them",
  permission: "organisation.read",
  params: z.strictObject({ kind: reportKind }),
  query: z.strictObject({ ...pageQuery.shape, service: entityName.optional(), digest: digest.optional() }),
  answers: { 200: z.strictObject({ items: z.array(report), next: z.string().nullable() }) },
});
