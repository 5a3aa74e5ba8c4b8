import type { Pool } from "pg";
import { systemClock } from "#runtime/clock.ts";
import { newId } from "#runtime/ids.ts";
import { listHolds, listStops } from "#store/hold.ts";
import { listReporters } from "#store/reporter.ts";
import { listReports } from "#store/report.ts";
import { readSnapshot } from "#store/sql.ts";
import { makeTakeTelemetry } from "#usecases/criteria/take-telemetry.ts";
import type { Transact } from "#usecases/records.ts";
import { makeLiftHold, makePlaceHold, makeResume, makeStop } from "#usecases/release/change-hold.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";
import { makeSubmitReport } from "#usecases/release/submit-report.ts";

/** Reports, holds and the global stop. */
export function bindIntake(
  pool: Pool,
  transact: Transact,
  now: () => Temporal.Instant,
  tellRun: TellRun,
): IntakeOperations {
  const change = { now, transact, tellRun, newHoldId: () => newId("hold"), newStopId: () => newId("stop") };
  return {
    ...makeTakeTelemetry({ wallNow: systemClock.now, transact }),
    submitReport: makeSubmitReport({ now, transact, tellRun, newReportId: () => newId("report") }),
    placeHold: makePlaceHold(change),
    liftHold: makeLiftHold(change),
    stop: makeStop(change),
    resume: makeResume(change),
    listReporters: (at) => readSnapshot(pool, (client) => listReporters(client, at)),
    listReports: (query) => readSnapshot(pool, (client) => listReports(client, query)),
    listHolds: (query) => readSnapshot(pool, (client) => listHolds(client, query)),
    listStops: (query) => readSnapshot(pool, (client) => listStops(client, query)),
  };
}
