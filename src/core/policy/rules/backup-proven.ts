import type { ChangeAction } from "#core/catalog/scope.ts";
import type { RecoveryLimits } from "#core/catalog/recovery.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Evidence, Judgement, StoppingPart } from "#core/policy/finding.ts";
import { recoveryFaults, recoveryStandings, type RecoveryStanding } from "#core/policy/recovery-standing.ts";
import { defineRule, notApplicable, pass } from "#core/policy/rule.ts";
import { after, capitalised, sayInstant, sayList } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";
import type { RecoveryReport } from "#core/release/reports.ts";
import { saySource } from "#core/release/source.ts";

/** They change no data, and whoever is in trouble needs them most. */
const withoutNewData: readonly ChangeAction[] = ["roll-back", "restart"];

/**
 * Backups are judged as they stand now: whoever saves goes on saving. A restore is judged over time, because nobody
 * restores by himself. Nothing is asked of a service that declares no limits.
 */
export const backupProven = defineRule({
  id: "backup-proven",
  version: "1",
  title: "What the service may lose is saved, and a measured restore was fast enough",
  reason:
    "A backup that was never restored is a hope: only a restore that was measured, with the data compared, says how much would be lost and how long it would take.",
  remedy: "Save as often as the service's limit says, restore a backup and report what came of it.",
  codes: [
    "no-limits-declared",
    "limits-elsewhere",
    "changes-no-data",
    "recovery-assumed",
    "recovery-proven",
    ...recoveryFaults,
  ],
  exemptible: recoveryFaults.filter((fault) => fault !== "restore-failed" && fault !== "restore-different"),
  overridable: [...recoveryFaults],
  needs: ["service", "environment", "recovery", "deployed"],
  judge({ at, horizon, subject, service, environment, recovery, deployed }) {
    const limits = service?.recovery;
    if (service === null || limits === undefined) return always(at, undeclared);
    if (!isHere(limits, subject.environment, environment?.protected ?? true)) return always(at, elsewhere);
    if (withoutNewData.includes(subject.action)) return always(at, goesBack);
    if (recovery === "assumed") return always(at, assumed);
    const isLive = Array.isArray(deployed) && deployed.some((one) => one.service === subject.service);
    const about = { ...subject, isNew: Array.isArray(deployed) && !isLive };
    const zone = environment?.zone ?? null;
    const judgeAt = (moment: Temporal.Instant): Judgement =>
      toJudgement(recoveryStandings({ limits, reports: recovery, about, now: at, moment }), service.team, zone);
    const ends = recovery.filter(({ act }) => act === "restore").map((one) => after(one.at, limits.provenFor));
    return timelineOfMoments(ends, { from: at, to: horizon }, judgeAt);
  },
});

const undeclared = notApplicable("no-limits-declared", "The service declares no limits for loss and restore.");
const elsewhere = notApplicable("limits-elsewhere", "The service's limits for loss and restore do not hold here.");
const goesBack = notApplicable("changes-no-data", "What only goes back or restarts waits for no backup.");
const assumed = notApplicable("recovery-assumed", "Backups and restores are not kept here, so they are not judged.");

function isHere({ environments }: RecoveryLimits, environment: string, isProtected: boolean): boolean {
  return environments.length === 0 ? isProtected : environments.includes(environment);
}

function toJudgement(standings: readonly RecoveryStanding[], team: string, zone: string | null): Judgement {
  const evidence = standings.flatMap(({ report }) => (report === null ? [] : [toEvidence(report, zone)]));
  const open = standings.filter(({ fault }) => fault !== null);
  const said = capitalised(
    sayList(
      (open.length === 0 ? standings : open).map((one) => one.said),
      "and",
    ),
  );
  const [code] = recoveryFaults.filter((fault) => open.some((one) => one.fault === fault));
  if (code === undefined) return pass("recovery-proven", `${said}.`, evidence);
  const parts = open.map(({ subject, fault, said: what, remedy }): StoppingPart => {
    const kind = fault === "backup-too-rare" ? "change" : "supply-evidence";
    return { subject, code: fault ?? "", said: what, remedies: [{ kind, who: `team ${team}`, what: remedy }] };
  });
  // What nobody has reported is not known, and that is told apart from what is known to be too little.
  const outcome = open.every(({ fault }) => fault === "backup-unreported") ? "unknown" : "deny";
  const remedies = parts.flatMap((part) => part.remedies);
  return { outcome, code, sentence: `${said}.`, remedies, evidence, parts };
}

function toEvidence(report: RecoveryReport, zone: string | null): Evidence {
  const { act, outcome, detail, digest, service, ref } = report;
  const more = [detail, digest, ref].filter((one) => one !== null).map((one) => `, ${one}`);
  const text = `${outcome}; ${saySource(report)}, ${sayInstant(report.at, zone)}${more.join("")}`;
  return { kind: act, ref: service, text };
}
