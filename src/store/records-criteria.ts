import type { ReceivedLog, ReceivedPoint } from "#core/criteria/otlp.ts";
import type { ReceivedSeries } from "#core/criteria/received-series.ts";
import type { SecondSpan } from "#core/criteria/series.ts";
import type { DeploymentId } from "#core/id.ts";
import {
  keepCriterionResults,
  keepRunCriteria,
  runCriteriaOf,
  type CriterionStep,
  type RunCriterionView,
  type StoredCriterionResult,
} from "./criterion-result.ts";
import type { Queryable } from "./sql.ts";
import { addLogs, addPoints, newErrors, newestLog, receivedSeries } from "./telemetry.ts";

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly span: SecondSpan;
}

/** Criteria and what was sent over OTLP, in one transaction. */
export interface CriteriaRecords {
  readonly criteria: {
    readonly keep: (deployment: DeploymentId, results: readonly StoredCriterionResult[]) => Promise<void>;
    readonly keepOfRun: (step: CriterionStep, results: readonly StoredCriterionResult[]) => Promise<void>;
    readonly ofRun: (run: string) => Promise<readonly RunCriterionView[]>;
  };
  readonly telemetry: {
    readonly addPoints: (
      points: readonly ReceivedPoint[],
      asked?: ReadonlySet<string>,
    ) => Promise<{ readonly refused: number }>;
    readonly addLogs: (logs: readonly ReceivedLog[]) => Promise<{ readonly refused: number }>;
    readonly seriesOf: (about: Place & { readonly metric: string }) => Promise<readonly ReceivedSeries[]>;
    readonly newErrorsOf: (
      about: Place & { readonly version: string },
    ) => Promise<readonly { readonly pattern: string; readonly second: number; readonly count: number }[]>;
    readonly newestLog: (service: string, environment: string) => Promise<number | null>;
  };
}

export function criteriaRecordsOf(client: Queryable): CriteriaRecords {
  return {
    criteria: {
      keep: (deployment, results) => keepCriterionResults(client, deployment, results),
      keepOfRun: (step, results) => keepRunCriteria(client, step, results),
      ofRun: (run) => runCriteriaOf(client, run),
    },
    telemetry: {
      addPoints: (points, asked) => addPoints(client, points, asked),
      addLogs: (logs) => addLogs(client, logs),
      seriesOf: (about) => receivedSeries(client, about),
      newErrorsOf: (about) => newErrors(client, about),
      newestLog: (service, environment) => newestLog(client, { service, environment }),
    },
  };
}
