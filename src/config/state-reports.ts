import { z } from "zod";
import { instantField, nameField, textField, versionField } from "#config/fields.ts";
import { itemsOf, type JsonObject, member } from "#config/json.ts";
import { wrongOrder } from "#config/kinds/rota.ts";
import { limits } from "#config/limits.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readInstant } from "#config/time.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type {
  ErrorBudget,
  EvidenceRecord,
  PassedStage,
  RecoveryReport,
  RiskScore,
  Ticket,
  Verification,
} from "#core/release/reports.ts";

/*
 * The lists of a State that say what others have reported, and what is on hold.
 */

const service = nameField("Name of the service.");
const environment = nameField("Name of the environment.");
const digest = textField("Digest of the artifact: `sha256:` and 64 hexadecimal digits.");
const source = textField("System that says so.").optional();
const at = instantField("When it was measured.");

const evidence = z.strictObject({
  digest,
  kind: nameField("What was measured: unit-tests, coverage, sast, licences, load-test, peer-review …"),
  outcome: z.enum(["pass", "fail", "not-enough"]).meta({ description: "What came of it." }),
  value: z.number().nullable().optional().meta({ description: "The figure that thresholds are compared with." }),
  ruleSet: textField("Version of the rules that were used.").nullable().optional(),
  ref: textField("Where to read more.").nullable().optional(),
  source,
  at,
});

const verification = z.strictObject({
  digest,
  outcome: z
    .enum(["verified", "digest-mismatch", "unsigned", "untrusted-key", "revoked-key"])
    .meta({ description: "What came of it." }),
  key: textField("Key or identity that signed.").nullable().optional(),
  source,
  at,
});

const ticket = z.strictObject({
  key: nameField("Key of the ticket."),
  services: z.array(service).min(1).max(50).meta({ description: "Services that it names." }),
  environments: z.array(environment).max(50).optional().meta({
    description: "Environments that it names; all when left out.",
  }),
  state: nameField("Its state, in the words of the system that keeps it."),
  from: instantField("Planned begin.").nullable().optional(),
  to: instantField("Planned end.").nullable().optional(),
  source,
  at,
});

const errorBudget = z.strictObject({
  service,
  environment: environment.nullable().optional(),
  left: z.number().max(1).meta({ description: "Part of the budget that is left; below 0 it is overspent." }),
  source,
  at,
});

const riskScore = z.strictObject({
  service,
  version: versionField,
  environment,
  score: z.number().min(0).max(100).meta({ description: "0 is none, 100 the highest." }),
  source,
  at,
});

const seconds = (description: string) => z.number().min(0).nullable().optional().meta({ description });

const recovery = z.strictObject({
  service,
  environment,
  act: z.enum(["backup", "restore"]).meta({ description: "Whether it was saved, or brought back." }),
  outcome: z.enum(["done", "failed", "different"]).optional().meta({
    description: "What came of it; `done` when left out.",
  }),
  intervalSeconds: seconds("From one backup to the next."),
  savedAt: instantField("When what was saved last, or restored, was true.").nullable().optional(),
  tookSeconds: seconds("How long the restore took."),
  source,
  at,
});

const passed = z.strictObject({
  environment,
  digest,
  deployment: textField("Id of the deployment.").optional(),
  since: instantField("When its deployment ended well."),
});

const since = instantField("Since when.");
const until = instantField("When it ends by itself.").nullable().optional();
const reason = textField("Why.");
const by = nameField("Person who did it.");

const hold = z.strictObject({
  id: textField("Id of the hold.").optional(),
  scope: scopeField,
  reason,
  by,
  since,
  until,
  liftedBy: nameField("Person, team or role that may lift it.").optional(),
});

const stop = z.strictObject({
  id: textField("Id of the stop.").optional(),
  reason,
  by,
  since,
  until,
  allowsRollBack: z.boolean().optional().meta({ description: "Roll-backs pass; they do when left out." }),
});

const list = <T extends z.ZodType>(item: T, description: string): z.ZodOptional<z.ZodArray<T>> =>
  z
    .array(item)
    .max(100 * limits.listLength)
    .optional()
    .meta({ description });

const assumed = "taken as fine when the list is left out";

export const reportFields = {
  evidence: list(evidence, `Results about digests; ${assumed}.`),
  verifications: list(verification, `Verified digests; ${assumed}.`),
  tickets: list(ticket, `Change tickets; ${assumed}.`),
  errorBudgets: list(errorBudget, `Error budgets; ${assumed}.`),
  riskScores: list(riskScore, `Risk scores; ${assumed}.`),
  recoveries: list(recovery, `Backups and restores; ${assumed}.`),
  passed: list(passed, `Where digests have been live; ${assumed}.`),
  holds: list(hold, "Holds in force."),
  stops: list(stop, "Global stops in force."),
};

const fields = z.strictObject(reportFields);
type ReportSpec = z.output<typeof fields>;

/** What the lists say, in the words of the core; the same words as the reports of a server. */
export interface ReportState {
  readonly evidence: readonly EvidenceRecord[] | "assumed";
  readonly verifications: readonly Verification[] | "assumed";
  readonly tickets: readonly Ticket[] | "assumed";
  readonly errorBudgets: readonly ErrorBudget[] | "assumed";
  readonly riskScores: readonly RiskScore[] | "assumed";
  readonly recoveries: readonly RecoveryReport[] | "assumed";
  readonly passed: readonly PassedStage[] | "assumed";
  readonly holds: readonly Hold[];
  readonly stops: readonly Stop[];
}

/** Of a folder without State. */
export const noReportState: ReportState = {
  evidence: "assumed",
  verifications: "assumed",
  tickets: "assumed",
  errorBudgets: "assumed",
  riskScores: "assumed",
  recoveries: "assumed",
  passed: "assumed",
  holds: [],
  stops: [],
};

/** Whoever writes a State by hand need not name where a figure comes from. */
const thisFile = "state";

export function toReportState(spec: ReportSpec): ReportState {
  return {
    ...toFigures(spec),
    recoveries: toRecoveries(spec),
    tickets:
      spec.tickets?.map(({ environments, from, to, source: who, at: measured, ...row }) => ({
        ...row,
        environments: environments ?? [],
        from: instantOrNull(from),
        to: instantOrNull(to),
        ...told(who, measured),
      })) ?? "assumed",
    passed:
      spec.passed?.map(({ deployment, since: live, ...row }) => ({
        ...row,
        deployment: deployment ?? thisFile,
        since: instant(live),
      })) ?? "assumed",
    holds: (spec.holds ?? []).map(({ id, scope, since: begun, until: end, liftedBy, ...row }, index) => ({
      ...row,
      id: id ?? `hold-${index + 1}`,
      scope: toScope(scope),
      since: instant(begun),
      until: instantOrNull(end),
      liftedBy: liftedBy ?? row.by,
    })),
    stops: (spec.stops ?? []).map(({ id, since: begun, until: end, allowsRollBack, ...row }, index) => ({
      ...row,
      id: id ?? `stop-${index + 1}`,
      since: instant(begun),
      until: instantOrNull(end),
      allowsRollBack: allowsRollBack ?? true,
    })),
  };
}

function toFigures(spec: ReportSpec): Pick<ReportState, "evidence" | "verifications" | "errorBudgets" | "riskScores"> {
  return {
    evidence:
      spec.evidence?.map(({ value, ruleSet, ref, source: who, at: measured, ...row }) => ({
        ...row,
        value: value ?? null,
        ruleSet: ruleSet ?? null,
        ref: ref ?? null,
        ...told(who, measured),
      })) ?? "assumed",
    verifications:
      spec.verifications?.map(({ key, source: who, at: measured, ...row }) => ({
        ...row,
        key: key ?? null,
        ...told(who, measured),
      })) ?? "assumed",
    errorBudgets:
      spec.errorBudgets?.map(({ environment: where, source: who, at: measured, ...row }) => ({
        ...row,
        environment: where ?? null,
        ...told(who, measured),
      })) ?? "assumed",
    riskScores:
      spec.riskScores?.map(({ source: who, at: measured, ...row }) => ({ ...row, ...told(who, measured) })) ??
      "assumed",
  };
}

function toRecoveries(spec: ReportSpec): ReportState["recoveries"] {
  if (spec.recoveries === undefined) return "assumed";
  return spec.recoveries.map(
    ({ outcome, intervalSeconds, savedAt, tookSeconds, source: who, at: measured, ...row }) => ({
      ...row,
      outcome: outcome ?? "done",
      intervalSeconds: intervalSeconds ?? null,
      savedAt: instantOrNull(savedAt),
      tookSeconds: tookSeconds ?? null,
      bytes: null,
      detail: null,
      digest: null,
      ref: null,
      ...told(who, measured),
    }),
  );
}

function told(who: string | undefined, measured: string): { readonly source: string; readonly at: Temporal.Instant } {
  return { source: who ?? thisFile, at: instant(measured) };
}

function instant(text: string): Temporal.Instant {
  return checked(readInstant(text));
}

function instantOrNull(text: string | null | undefined): Temporal.Instant | null {
  return text === null || text === undefined ? null : instant(text);
}

export function reportProblems(spec: JsonObject): readonly FieldProblem[] {
  const digests = ["evidence", "verifications", "passed"].flatMap((name) =>
    itemsOf(member(spec, name)).flatMap((row, index) => digestProblem(row, ["spec", name, index, "digest"])),
  );
  const tickets = itemsOf(member(spec, "tickets")).flatMap((row, index) => wrongOrder(row, ["spec", "tickets", index]));
  return [...digests, ...tickets];
}

/** A digest that is none; `row` has it under `digest`. */
export function digestProblem(row: unknown, place: readonly (string | number)[]): readonly FieldProblem[] {
  const value = typeof row === "object" && row !== null && "digest" in row ? row.digest : undefined;
  if (typeof value !== "string" || /^sha256:\S+$/.test(value)) return [];
  const message = "A digest is written as sha256: and hexadecimal digits.";
  return [{ at: place, code: "bad-value", message, remedy: "Copy the digest from the registry." }];
}
