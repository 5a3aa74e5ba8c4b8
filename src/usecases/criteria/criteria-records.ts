import type { Criterion } from "#core/criteria/criterion.ts";
import type { CriterionJudgement } from "#core/criteria/judge-criterion.ts";
import type { ReceivedLog, ReceivedPoint } from "#core/criteria/otlp.ts";
import type { ReceivedSeries } from "#core/criteria/received-series.ts";
import type { SecondSpan } from "#core/criteria/series.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Part } from "#core/plan/plan.ts";

interface StepKey {
  readonly run: string;
  readonly part: Part;
  readonly name: string;
}

/** How a criterion stands or ended in a stage of a deployment, with everything that it was judged by. */
export interface CriterionResult {
  /** `5 %`, `100 %`, or the name of what is watched after it. */
  readonly stage: string;
  readonly at: Temporal.Instant;
  /** The rule as it stood. */
  readonly rule: Criterion;
  readonly judgement: CriterionJudgement;
}

/** How much of a delivery was stored: what repeats is taken once, what is beyond the limits of a place is refused. */
export interface Stored {
  readonly refused: number;
}

/** An error of a class that no other version has had, in one second. */
export interface NewError {
  readonly pattern: string;
  readonly second: number;
  readonly count: number;
}

/** What criteria need of the store, in one transaction. */
export interface CriteriaRecords {
  readonly criteria: {
    /** In place of what stood for the criterion in the stage. */
    readonly keep: (deployment: DeploymentId, results: readonly CriterionResult[]) => Promise<void>;
    /** As `keep`, for a step of a run. */
    readonly keepOfRun: (step: StepKey, results: readonly CriterionResult[]) => Promise<void>;
    /** By part and step, in the order in which they began. */
    readonly ofRun: (run: string) => Promise<readonly RunCriterion[]>;
  };
  readonly telemetry: {
    /** `asked`: names of metrics that documents ask for; they find room where others have filled it. */
    readonly addPoints: (points: readonly ReceivedPoint[], asked?: ReadonlySet<string>) => Promise<Stored>;
    readonly addLogs: (logs: readonly ReceivedLog[]) => Promise<Stored>;
    readonly seriesOf: (about: {
      readonly service: string;
      readonly environment: string;
      readonly metric: string;
      readonly span: SecondSpan;
    }) => Promise<readonly ReceivedSeries[]>;
    readonly newErrorsOf: (about: {
      readonly service: string;
      readonly environment: string;
      readonly version: string;
      readonly span: SecondSpan;
    }) => Promise<readonly NewError[]>;
    /** The newest second of which the place has sent logs, errors or not; null: it never has. */
    readonly newestLog: (service: string, environment: string) => Promise<number | null>;
  };
}

/** A result as pages show it: a value that is no number is null. */
export interface CriterionResultView extends Pick<
  CriterionJudgement,
  "outcome" | "code" | "sentence" | "value" | "newest"
> {
  readonly stage: string;
  readonly criterion: string;
  readonly at: Temporal.Instant;
  readonly rule: Pick<Criterion, "query" | "unit" | "worse" | "limit" | "windowSeconds" | "freshSeconds"> & {
    readonly source: string;
  };
  readonly bounds: readonly {
    readonly kind: string;
    readonly bound: number;
    readonly reference: number | null;
    readonly isBreached: boolean;
  }[];
  readonly span: SecondSpan;
  readonly series: readonly SeriesView[];
  readonly compared: readonly {
    readonly as: "control" | "former-week";
    readonly span: SecondSpan;
    readonly series: readonly SeriesView[];
    readonly value: number | null;
  }[];
}

/** Of a step of a run, whose name stands as the stage. */
export interface RunCriterion extends CriterionResultView {
  readonly part: Part;
}

export interface SeriesView {
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly points: readonly {
    readonly atSecond: number | null;
    readonly value: number | null;
    readonly weight?: number | undefined;
  }[];
}
