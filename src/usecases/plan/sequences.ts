import type { Organisation } from "#core/catalog/organisation.ts";
import { forecastSequence, type ForecastRelease } from "#core/policy/sequence-forecast.ts";
import type { Facts } from "#core/policy/facts.ts";
import { sequencesOf, type Sequence } from "#core/release/sequence.ts";
import { err, ok, type Result } from "#core/result.ts";
import { horizonOf, questionSubject } from "#usecases/policy/ask-verdict.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface SequenceForecast {
  readonly sequence: Sequence;
  readonly environment: string;
  readonly at: Temporal.Instant;
  readonly releases: readonly ForecastRelease[];
}

export interface SequenceOperations {
  readonly listSequences: () => Promise<readonly Sequence[]>;
  readonly forecastSequence: (
    name: string,
    environment: string,
  ) => Promise<Result<SequenceForecast, "no-such-sequence" | "no-such-environment" | "sequence-not-there">>;
}

/** How long a deployment takes of which no history is known; as for the targets of waves. */
const usualLength = Temporal.Duration.from({ minutes: 30 });

export function makeSequences(deps: {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}): SequenceOperations {
  return {
    listSequences: () => deps.transact(async (records) => (await records.catalog.inForce()).sequences),
    forecastSequence: (name, environment) =>
      deps.transact(async (records) => {
        const organisation = await records.catalog.inForce();
        const sequence = organisation.sequences.find((one) => one.name === name);
        if (sequence === undefined) return err("no-such-sequence");
        if (!organisation.environments.has(environment)) return err("no-such-environment");
        if (!isThere(organisation, sequence, environment)) return err("sequence-not-there");
        const at = deps.now();
        const facts = await factsOf(records, sequence, environment, at);
        const inventory = { ...facts, environment, at };
        const lengthOf = (service: string): Temporal.Duration =>
          facts.durations.find((one) => one.service === service)?.p95 ?? usualLength;
        const releases = forecastSequence(sequence, inventory, facts.setbacks, lengthOf);
        return ok({ sequence, environment, at, releases });
      }),
  };
}

function isThere({ sequences }: Organisation, { name, releases }: Sequence, environment: string): boolean {
  const [first] = releases;
  return first !== undefined && sequencesOf(sequences, first.service, environment).some((one) => one.name === name);
}

interface Known extends Pick<Facts, "bookings" | "durations" | "setbacks"> {
  readonly deployed: Exclude<Facts["deployed"], string>;
}

/** What verdicts about its services would know, in one snapshot. */
async function factsOf(
  records: Records,
  { releases }: Sequence,
  environment: string,
  at: Temporal.Instant,
): Promise<Known> {
  const found: Facts[] = [];
  for (const service of new Set(releases.map((release) => release.service))) {
    const subject = questionSubject({ service, version: "0.0.0", environment, action: "deploy" });
    found.push(await records.facts.load(subject, at, horizonOf(at)));
  }
  const own = <Row extends { readonly service: string }>(rows: (facts: Facts) => readonly Row[]): readonly Row[] =>
    found.flatMap((facts) => rows(facts).filter(({ service }) => service === facts.subject.service));
  return {
    deployed: own(({ deployed }) => (typeof deployed === "string" ? [] : deployed)),
    bookings: own(({ bookings }) => bookings),
    durations: own(({ durations }) => durations),
    setbacks: own(({ setbacks }) => setbacks),
  };
}
