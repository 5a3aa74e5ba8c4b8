import {
  type DecodeFault,
  type Decoder,
  decodeWith,
  instant,
  nullable,
  object,
  oneOf,
  orElse,
  text,
} from "#core/policy/decode.ts";
import { errorBudget, evidence, recovery, riskScore, ticket, verification } from "#core/policy/reports-codec.ts";
import type { Report, ReportedSignal, ReportKind } from "#core/release/report.ts";
import { signalStatuses } from "#core/release/state.ts";
import { type Result, unreachable } from "#core/result.ts";

const reportedSignal = object<ReportedSignal>({
  service: text,
  environment: nullable(text),
  status: oneOf(signalStatuses),
  source: text,
  at: instant,
  ref: nullable(text),
  freshUntil: orElse(undefined, instant),
  silentSince: orElse(undefined, instant),
});

/** Reads a report as JSON has it: instants as ISO 8601 text. */
export function decodeReport(kind: ReportKind, json: unknown): Result<Report, DecodeFault> {
  return decodeWith(reportDecoder(kind), json);
}

function reportDecoder(kind: ReportKind): Decoder<Report> {
  switch (kind) {
    case "evidence":
      return (value, path) => ({ kind, record: evidence(value, path) });
    case "verification":
      return (value, path) => ({ kind, record: verification(value, path) });
    case "ticket":
      return (value, path) => ({ kind, record: ticket(value, path) });
    case "error-budget":
      return (value, path) => ({ kind, record: errorBudget(value, path) });
    case "risk-score":
      return (value, path) => ({ kind, record: riskScore(value, path) });
    case "recovery":
      return (value, path) => ({ kind, record: recovery(value, path) });
    case "signal":
      return (value, path) => ({ kind, record: reportedSignal(value, path) });
  }
  return unreachable(kind);
}
