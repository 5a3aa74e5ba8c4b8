import { setImmediate as immediately } from "node:timers/promises";
import type { Pool } from "pg";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import type { CalendarEvent } from "#core/calendar/business/business-calendar.ts";
import { effectsOfEvents, type EventEffects } from "#core/calendar/business/effects.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";
import { organisationInForce } from "#store/organisation.ts";
import { policiesInForce, policyVersions } from "#store/policy.ts";
import { policyCases } from "#store/policy-case.ts";
import type { RecordHooks } from "#store/records.ts";
import { readSnapshot } from "#store/sql.ts";
import { makeListPolicies, makeShowPolicy, type ListPoliciesDeps } from "#usecases/policy/list-policies.ts";
import { makePolicyCases } from "#usecases/policy/policy-cases.ts";
import type { PolicyOperations } from "#usecases/policy/policy-operations.ts";
import { backTestApart } from "#main/back-test-apart.ts";

/** Policies in force and in all their versions, and what a draft of them would have done. */
export function bindPolicies(
  pool: Pool,
  { organisations }: Pick<RecordHooks, "organisations">,
  connectionString: string,
): PolicyOperations {
  const reading = {
    inForce: () => policiesInForce(pool),
    versionsOf: (name) => policyVersions(pool, name),
    organisation: () => readSnapshot(pool, (client) => organisationInForce(client, organisations)),
  } satisfies ListPoliciesDeps;
  return {
    list: makeListPolicies(reading),
    show: makeShowPolicy(reading),
    cases: makePolicyCases({
      cases: () => policyCases(pool),
      organisation: reading.organisation,
      effects: inlineEffects,
      options: { hash: sha256Of, zoneData: zoneData() },
      breathe: () => immediately(),
      stopwatch: monotonicMs,
    }),
    backTest: backTestApart(connectionString),
  };
}

/** As `tidegate policy test` knows them: events that are written into the configuration itself. */
function inlineEffects(organisation: Organisation, between: Span): Result<EventEffects, string> {
  const events: CalendarEvent[] = [];
  for (const { name, source, zone } of organisation.calendars) {
    if (source.kind !== "inline") continue;
    const read = readCalendar(source.text, zone, between);
    if (!read.ok) return err(`The events of the calendar ${name} cannot be read: ${read.error.message}`);
    events.push(...read.value.map((event) => ({ calendar: name, event })));
  }
  return ok(effectsOfEvents(organisation.calendars, events));
}
