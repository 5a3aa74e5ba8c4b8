import type { Organisation } from "#core/catalog/organisation.ts";
import type { Hold, Stop } from "#core/release/hold.ts";
import type { Report, ReportAddress, ReportKind } from "#core/release/report.ts";
import type { Concerned, Wake } from "./deployment-wake.ts";
import {
  countHolds,
  countStops,
  endHold,
  endStop,
  findHold,
  findStop,
  insertHold,
  insertStop,
  type Ended,
  type StoredHold,
  type StoredStop,
} from "./hold.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import {
  claimSource,
  countKeys,
  insertReport,
  lockSubject,
  newestReport,
  sameReport,
  speakerOf,
  type StoredReport,
} from "./report.ts";
import { noteSilent, type ReporterKey, silentReporters } from "./reporter.ts";
import type { Queryable } from "./sql.ts";

/** Reports, holds and stops, in the transaction of `client`. */
export interface IntakeRecords {
  readonly catalog: { readonly inForce: () => Promise<Organisation> };
  readonly reports: {
    readonly lock: (report: Report) => Promise<void>;
    readonly newest: (kind: ReportKind, address: Pick<ReportAddress, "key">) => Promise<StoredReport | null>;
    readonly same: (report: Report) => Promise<StoredReport | null>;
    readonly countKeys: (report: Report, limit: number) => Promise<number>;
    readonly insert: (entry: StoredReport) => Promise<void>;
    readonly speakerOf: (source: string) => Promise<string | null>;
    readonly claim: (source: string, account: string, at: Temporal.Instant) => Promise<string>;
    readonly silent: (now: Temporal.Instant, limit: number) => Promise<readonly ReporterKey[]>;
    readonly noteSilent: (reporter: ReporterKey) => Promise<void>;
    readonly wake: (concerned: Concerned, now: Temporal.Instant) => Promise<void>;
  };
  readonly holds: {
    readonly insert: (hold: Hold) => Promise<void>;
    readonly find: (id: string) => Promise<StoredHold | null>;
    readonly end: (id: string, ended: Ended) => Promise<void>;
    readonly count: (at: Temporal.Instant) => Promise<number>;
  };
  readonly stops: {
    readonly insert: (stop: Stop) => Promise<void>;
    readonly find: (id: string) => Promise<StoredStop | null>;
    readonly end: (id: string, ended: Ended) => Promise<void>;
    readonly count: (at: Temporal.Instant) => Promise<number>;
  };
}

export function intakeRecordsOf(client: Queryable, organisations: OrganisationCache, wake: Wake): IntakeRecords {
  return {
    catalog: { inForce: () => organisationInForce(client, organisations) },
    reports: {
      lock: (report) => lockSubject(client, report),
      newest: (kind, address) => newestReport(client, kind, address),
      same: (report) => sameReport(client, report),
      countKeys: (report, limit) => countKeys(client, report, limit),
      insert: (entry) => insertReport(client, entry),
      speakerOf: (source) => speakerOf(client, source),
      claim: (source, account, at) => claimSource(client, source, account, at),
      silent: (now, limit) => silentReporters(client, now, limit),
      noteSilent: (reporter) => noteSilent(client, reporter),
      wake: (concerned, now) => wake(client, concerned, now),
    },
    holds: {
      insert: (hold) => insertHold(client, hold),
      find: (id) => findHold(client, id),
      end: (id, ended) => endHold(client, id, ended),
      count: (at) => countHolds(client, at),
    },
    stops: {
      insert: (stop) => insertStop(client, stop),
      find: (id) => findStop(client, id),
      end: (id, ended) => endStop(client, id, ended),
      count: (at) => countStops(client, at),
    },
  };
}
