import { sayInstant } from "#core/policy/say.ts";
import type { Signal } from "#core/release/state.ts";
import { compareInstants } from "#core/span.ts";

export interface HealthQuestion {
  readonly service: string;
  readonly environment: string;
  /** What is reported of services near it; only its own counts. */
  readonly signals: readonly Signal[];
  /** Since when it is watched. */
  readonly from: Temporal.Instant;
  readonly zone: string | null;
}

/** How a service has been since it is watched. */
export type Health =
  | { readonly kind: "well"; readonly since: Temporal.Instant }
  | { readonly kind: "unwell"; readonly because: string }
  /** Nobody says so, or who did is silent: no evidence of health. */
  | { readonly kind: "unknown"; readonly because: string };

/** What is bad anywhere there decides; what is not known is not well. */
export function healthOf({ service, environment, signals, from, zone }: HealthQuestion): Health {
  const own = signals.filter(
    (signal) => signal.service === service && (signal.environment === null || signal.environment === environment),
  );
  const bad = own.find(({ status }) => status !== "ok" && status !== "unknown");
  if (bad !== undefined) return { kind: "unwell", because: say(bad, environment, zone) };
  const silent = own.find(({ status }) => status === "unknown");
  if (silent !== undefined) return { kind: "unknown", because: say(silent, environment, zone) };
  if (own.length === 0) return { kind: "unknown", because: `Nobody reports how ${service} is in ${environment}.` };
  const since = own.reduce((last, signal) => (compareInstants(signal.since, last) > 0 ? signal.since : last), from);
  return { kind: "well", since };
}

function say({ service, status, since, event }: Signal, environment: string, zone: string | null): string {
  const is = status === "outage" ? "has an outage" : status === "unknown" ? "is not heard of" : `is ${status}`;
  return `${service} ${is} in ${environment} since ${sayInstant(since, zone)}${event === null ? "" : ` (${event})`}.`;
}
