import type { Organisation } from "#core/catalog/organisation.ts";
import {
  readLogs,
  readMetrics,
  type OtlpResourceLogs,
  type OtlpResourceMetrics,
  type Received,
} from "#core/criteria/otlp.ts";
import { parseSelector } from "#core/criteria/received-series.ts";
import type { ForeignSource } from "#core/release/source.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Stored } from "#usecases/criteria/criteria-records.ts";
import { allTriggers } from "#usecases/rollout/see-live.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface Taken {
  readonly rejected: number;
  /** Why the first was rejected; empty when none was. */
  readonly why: string;
}

export interface TelemetryOperations {
  readonly takeMetrics: (
    resources: readonly OtlpResourceMetrics[],
    call: Call,
  ) => Promise<Result<Taken, ForeignSource>>;
  readonly takeLogs: (resources: readonly OtlpResourceLogs[], call: Call) => Promise<Result<Taken, ForeignSource>>;
}

/** Name under which a `Source` says which accounts may send telemetry; without one everybody may who may report at all. */
const sourceName = "telemetry";

/** What is sent over OTLP: metrics by series, errors by class, for services and environments that are declared. */
export function makeTakeTelemetry(deps: {
  readonly wallNow: () => Temporal.Instant;
  readonly transact: Transact;
}): TelemetryOperations {
  const nowSecond = (): number => Math.floor(deps.wallNow().epochMilliseconds / 1000);
  return {
    takeMetrics: (resources, call) =>
      take(deps.transact, call, readMetrics(resources, nowSecond()), ({ telemetry }, points, organisation) =>
        telemetry.addPoints(points, metricsAskedFor(organisation)),
      ),
    takeLogs: (resources, call) =>
      take(deps.transact, call, readLogs(resources, nowSecond()), ({ telemetry }, logs) => telemetry.addLogs(logs)),
  };
}

async function take<Thing extends { readonly service: string; readonly environment: string }>(
  transact: Transact,
  call: Call,
  read: Received<Thing>,
  add: (records: Records, things: readonly Thing[], organisation: Organisation) => Promise<Stored>,
): Promise<Result<Taken, ForeignSource>> {
  return transact(async (records) => {
    const organisation = await records.catalog.inForce();
    const speaks = organisation.sources.get(sourceName)?.accounts ?? [call.actor.account];
    if (!speaks.includes(call.actor.account)) return err({ code: "foreign-source", source: sourceName, speaks });
    const known = read.taken.filter((thing) => isDeclared(organisation, thing));
    const { refused } = await add(records, known, organisation);
    const unknown = read.taken.length - known.length;
    const reasons = [
      read.why,
      unknown === 0 ? null : `${unknown} name a service or an environment that no document declares`,
      refused === 0
        ? null
        : `${refused} are of series beyond the limit of their service; send fewer attributes, or only what criteria ask for`,
    ];
    const why = reasons.filter((reason) => reason !== null).join("; ");
    return ok({ rejected: read.rejected + unknown + refused, why });
  });
}

const asked = new WeakMap<Organisation, ReadonlySet<string>>();

/** Metrics that a criterion or a trigger of any document names. */
function metricsAskedFor(organisation: Organisation): ReadonlySet<string> {
  const known = asked.get(organisation);
  if (known !== undefined) return known;
  const { criteria, watches } = organisation;
  const queries = [
    ...criteria.flatMap((one) => one.criteria),
    ...watches.flatMap((watch) => allTriggers(watch).flatMap(({ metric }) => metric ?? [])),
  ].filter(({ source }) => source === "telemetry");
  const names = queries.flatMap(({ query }) => {
    const selector = parseSelector(query);
    return selector.ok ? [selector.value.metric] : [];
  });
  const found = new Set(names);
  asked.set(organisation, found);
  return found;
}

function isDeclared(
  { services, environments }: Organisation,
  { service, environment }: { readonly service: string; readonly environment: string },
): boolean {
  return services.has(service) && environments.has(environment);
}
