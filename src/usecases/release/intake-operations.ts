import type { Report } from "#core/release/report.ts";
import type { Result } from "#core/result.ts";
import type { TelemetryOperations } from "#usecases/criteria/take-telemetry.ts";
import type { Call } from "#usecases/operations.ts";
import type {
  HoldQuery,
  HoldRefusal,
  HoldState,
  Page,
  PlacedHold,
  Receipt,
  ReceivedReport,
  Reporter,
  ReportQuery,
  ReportRefusal,
  StopState,
} from "#usecases/release/intake-types.ts";

/** What is reported, held and stopped: everything that the API offers about it; bound in `main`. */
export interface IntakeOperations extends TelemetryOperations {
  readonly submitReport: (report: Report, call: Call) => Promise<Result<Receipt, ReportRefusal>>;
  readonly placeHold: (input: PlacedHold, call: Call) => Promise<Result<HoldState, HoldRefusal>>;
  readonly liftHold: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<
    Result<HoldState, "no-such-hold" | "already-lifted" | { readonly code: "not-meant"; readonly liftedBy: string }>
  >;
  readonly stop: (
    input: { readonly reason: string; readonly until: Temporal.Instant | null; readonly allowsRollBack: boolean },
    call: Call,
  ) => Promise<Result<StopState, "bad-span" | "too-many-stops">>;
  readonly resume: (
    input: { readonly id: string; readonly reason: string },
    call: Call,
  ) => Promise<Result<StopState, "no-such-stop" | "already-lifted">>;
  /** The longest silent first, then by age; `left`: how many are not among them. */
  readonly listReporters: (
    now: Temporal.Instant,
  ) => Promise<{ readonly items: readonly Reporter[]; readonly left: number }>;
  readonly listReports: (query: ReportQuery) => Promise<Page<ReceivedReport>>;
  readonly listHolds: (query: HoldQuery) => Promise<Page<HoldState>>;
  readonly listStops: (query: HoldQuery) => Promise<Page<StopState>>;
}
