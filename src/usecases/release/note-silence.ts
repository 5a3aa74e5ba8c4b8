import { silenceOf } from "#core/release/silence.ts";
import type { ReceivedReport, ReporterKey } from "#usecases/release/intake-types.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";
import { concernedBy, objectOf, recordSilence } from "#usecases/release/submit-report.ts";

export interface NoteSilenceDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly newReportId: () => string;
}

/** Of one turn; the next one takes the rest. */
const maxNoted = 100;

/**
 * Puts on record which sources have not reported again as they had promised, and has the waiting work judged again that
 * relied on them. Verdicts know of a silence from its first instant by the promise itself; this tells everybody else.
 * Returns how many it noted.
 */
export function makeNoteSilence(deps: NoteSilenceDeps): () => Promise<number> {
  return () =>
    deps.transact(async (records) => {
      const now = deps.now();
      const silent = await records.reports.silent(now, maxNoted);
      for (const reporter of silent) await noteOne(deps, records, reporter, now);
      return silent.length;
    });
}

async function noteOne(
  { newReportId }: NoteSilenceDeps,
  records: Records,
  reporter: ReporterKey,
  now: Temporal.Instant,
): Promise<void> {
  await records.reports.noteSilent(reporter);
  const last = await records.reports.newest(reporter.kind, reporter);
  const since = last === null ? null : await silentSince(newReportId, records, last, now);
  if (last === null || since === null) return;
  await records.reports.wake(concernedBy(last.report, await records.catalog.inForce()), now);
  await records.audit.append({
    at: now,
    actor: systemActor,
    action: "report.silence",
    object: objectOf(last.report),
    outcome: "unknown",
    reason: `${last.report.record.source} has not reported again by ${since.toString()}, as it had promised`,
    verdict: null,
    requestId: null,
    before: last.report.record,
    after: null,
  });
}

/** null: it has reported meanwhile, or its silence is on record already. */
async function silentSince(
  newReportId: () => string,
  records: Records,
  { report }: ReceivedReport,
  now: Temporal.Instant,
): Promise<Temporal.Instant | null> {
  if (report.kind === "error-budget") return report.record.freshUntil ?? null;
  const silence = report.kind === "signal" ? silenceOf(report.record) : null;
  if (silence === null || Temporal.Instant.compare(silence.at, now) > 0) return null;
  await recordSilence(newReportId, records, silence, now);
  return silence.at;
}
