import { can } from "#core/access/can.ts";
import type { Person } from "#core/catalog/people.ts";
import { isMeant } from "#core/release/hold.ts";
import type { AskedRun } from "#usecases/rollback/rollback-records.ts";
import type { Records } from "#usecases/records.ts";
import type { LiveAsk } from "#usecases/rollout/live-ask.ts";

/** More than a person can do something about. */
const maxRuns = 200;

/**
 * Runs that hold their position and ask nobody by name, so whoever may decide is asked; and sessions in versions that were
 * left running, for those of the people who were told that may decide. Both are gone when somebody has decided.
 */
export async function askedOfRuns(records: Records, person: Person): Promise<readonly LiveAsk[]> {
  if (!can({ person }, "deployment.decide").allowed) return [];
  const [held, sessions] = [await records.runAsks.held(maxRuns), await records.runAsks.sessions(maxRuns)];
  if (held.length + sessions.length === 0) return [];
  const { services, rollbacks } = await records.catalog.inForce();
  const isTheirs = ({ service, requestedBy }: AskedRun): boolean =>
    [requestedBy, services.get(service)?.team, rollbacks.get(service)?.decision?.decider].some(
      (name) => name !== undefined && isMeant(name, person),
    );
  return [
    ...held.map((run) => toAsk("held", run, `${run.service}@${run.version} in ${run.environment}: ${run.sentence}`)),
    ...sessions.filter(isTheirs).map((run) => toAsk("sessions", run, run.sentence)),
  ];
}

function toAsk(kind: LiveAsk["kind"], run: AskedRun, sentence: string): LiveAsk {
  const { deployment, service, version, environment, since, until } = run;
  return { kind, deployment, service, version, environment, sentence, since, until };
}
