import type { RecoveryLimits } from "#core/catalog/recovery.ts";
import type { Subject } from "#core/policy/facts.ts";
import { elapsedMs, isOver, sayDuration } from "#core/policy/say.ts";
import type { RecoveryReport } from "#core/release/reports.ts";
import { compareInstants } from "#core/span.ts";

/** Why a service's data is not safe enough, the gravest first. */
export const recoveryFaults = [
  "restore-failed",
  "restore-different",
  "backup-failed",
  "backup-too-rare",
  "backup-overdue",
  "restore-too-slow",
  "restore-untested",
  "restore-stale",
  "backup-unreported",
] as const;
export type RecoveryFault = (typeof recoveryFaults)[number];

/** How backup or restore stands. */
export interface RecoveryStanding {
  readonly subject: "backup" | "restore";
  /** null: it keeps the limit. */
  readonly fault: RecoveryFault | null;
  /** A part of a sentence, with figures: `orders-db in prod is saved every 60 min, and 15 min may be lost (60 > 15 min)`. */
  readonly said: string;
  /** Imperative; empty where nothing is wrong. */
  readonly remedy: string;
  readonly report: RecoveryReport | null;
}

export interface RecoveryQuestion {
  readonly limits: RecoveryLimits;
  /** Of the service in the environment: the newest of each act and source. */
  readonly reports: readonly RecoveryReport[];
  /** `isNew`: nothing of it is live there yet. */
  readonly about: Pick<Subject, "service" | "environment"> & { readonly isNew: boolean };
  readonly now: Temporal.Instant;
  readonly moment: Temporal.Instant;
}

/**
 * Whether the limits are kept. Of several sources of backups one that keeps the limit is enough: a service that is saved
 * twice is no worse off. Of restores the newest counts, whoever made it.
 */
export function recoveryStandings(asked: RecoveryQuestion): readonly RecoveryStanding[] {
  return [backupStanding(asked), restoreStanding(asked)];
}

function backupStanding({ limits, reports, about, now }: RecoveryQuestion): RecoveryStanding {
  const where = `${about.service} in ${about.environment}`;
  const own = reports.filter(({ act }) => act === "backup").map((report) => backupOf(report, limits, where, now));
  const kept = own.find(({ fault }) => fault === null);
  if (kept !== undefined) return kept;
  const [best] = own.toSorted((a, b) => gravity(b) - gravity(a));
  if (best !== undefined) return best;
  const said = `nobody has reported the backups of ${where}`;
  const remedy = `Report the backups of ${where}: how often, and when the last one succeeded.`;
  return { subject: "backup", fault: "backup-unreported", said, remedy, report: null };
}

function backupOf(report: RecoveryReport, { lossFor }: RecoveryLimits, where: string, now: Temporal.Instant) {
  const standing = (fault: RecoveryFault | null, said: string, remedy: string): RecoveryStanding => ({
    subject: "backup",
    fault,
    said,
    remedy,
    report,
  });
  const { outcome, intervalSeconds, savedAt } = report;
  const loss = sayDuration(lossFor);
  if (outcome !== "done") {
    return standing("backup-failed", `the last backup of ${where} failed`, `Mend the backups of ${where}.`);
  }
  if (intervalSeconds !== null && intervalSeconds * 1000 > elapsedMs(lossFor)) {
    const every = secondsSaid(intervalSeconds);
    const said = `${where} is saved every ${every}, and ${loss} may be lost (${compared(intervalSeconds, lossFor)})`;
    return standing("backup-too-rare", said, `Save ${where} every ${loss} or more often.`);
  }
  if (savedAt === null) {
    const said = `when ${where} was saved last is not known`;
    return standing("backup-overdue", said, `Report when the last backup of ${where} succeeded.`);
  }
  const ageSeconds = now.since(savedAt).total("seconds");
  if (ageSeconds * 1000 > elapsedMs(lossFor)) {
    const said = `${where} was saved ${secondsSaid(ageSeconds)} ago, and ${loss} may be lost (${compared(ageSeconds, lossFor)})`;
    return standing("backup-overdue", said, `Save ${where} now, and report it.`);
  }
  return standing(null, `${where} was saved ${secondsSaid(ageSeconds)} ago, and ${loss} may be lost`, "");
}

function restoreStanding({ limits, reports, about, moment }: RecoveryQuestion): RecoveryStanding {
  const where = `${about.service} in ${about.environment}`;
  const [report] = reports.filter(({ act }) => act === "restore").toSorted((a, b) => compareInstants(b.at, a.at));
  const remedy = `Restore a backup of ${where}, measure it and report what came of it.`;
  const standing = (fault: RecoveryFault | null, said: string): RecoveryStanding => ({
    subject: "restore",
    fault,
    said,
    remedy: fault === null ? "" : remedy,
    report: report ?? null,
  });
  const { restoredIn, provenFor } = limits;
  if (report === undefined) {
    const fresh = about.isNew ? `${where} is new, and ` : "";
    return standing("restore-untested", `${fresh}no restore of ${where} was ever measured`);
  }
  const { outcome, tookSeconds, detail } = report;
  const because = detail === null ? "" : `: ${detail}`;
  if (outcome === "failed") return standing("restore-failed", `the last restore of ${where} failed${because}`);
  if (outcome === "different") {
    return standing("restore-different", `the last restore of ${where} brought back other data${because}`);
  }
  if (tookSeconds === null) return standing("restore-untested", `the last restore of ${where} was not measured`);
  const took = `a restore of ${where} took ${secondsSaid(tookSeconds)}`;
  if (tookSeconds * 1000 > elapsedMs(restoredIn)) {
    const limit = sayDuration(restoredIn);
    return standing("restore-too-slow", `${took}, and ${limit} are allowed (${compared(tookSeconds, restoredIn)})`);
  }
  if (isOver(report.at, provenFor, moment)) {
    return standing("restore-stale", `the last measured restore of ${where} is older than ${sayDuration(provenFor)}`);
  }
  return standing(null, `${took}, of ${sayDuration(restoredIn)} that are allowed`);
}

function gravity({ fault }: RecoveryStanding): number {
  return fault === null ? recoveryFaults.length : recoveryFaults.indexOf(fault);
}

const smallestInMinutes = 60;

/** To the minute, and below one to the second: whoever restores in 40 s has not taken a minute. */
function secondsSaid(seconds: number): string {
  if (seconds < smallestInMinutes) return `${Math.ceil(seconds)} s`;
  return sayDuration(Temporal.Duration.from({ seconds: Math.ceil(seconds) }));
}

/** `60 > 15 min`: both in minutes, so that the two can be compared; in seconds below a minute. */
function compared(seconds: number, limit: Temporal.Duration): string {
  const limitSeconds = elapsedMs(limit) / 1000;
  if (limitSeconds < smallestInMinutes) return `${Math.ceil(seconds)} > ${limitSeconds} s`;
  return `${tenths(seconds / 60)} > ${tenths(limitSeconds / 60)} min`;
}

/** Rounded up, so that what is over a limit is never shown as equal to it. */
function tenths(value: number): number {
  return Math.ceil(value * 10 - 1e-9) / 10;
}
