import { loadProfilesIn } from "#config/state-cover.ts";
import { isError, type Problem } from "#config/problem.ts";
import { checkSources } from "#config/world.ts";
import { err, ok } from "#core/result.ts";
import type { ProfileProblem } from "#usecases/calendar/advice-types.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface RecordLoadProfilesDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/**
 * Records load profiles, given as the text of State documents: YAML, or JSON, which is YAML as well. All of them or
 * none. Waiting work is judged again: what is quiet may have changed.
 */
export function makeRecordLoadProfiles(deps: RecordLoadProfilesDeps): Operations["recordLoadProfiles"] {
  return async ({ text }, call) => {
    const { documents, problems } = checkSources([{ path: "load-profiles", text }]);
    // Names are compared with the configuration in force below, not with this text, which declares none.
    const errors = problems.filter(isError);
    if (errors.length > 0) return err({ code: "invalid-configuration", problems: errors.map(toPlace) });
    const profiles = documents.filter(({ kind }) => kind === "State").flatMap(({ spec }) => loadProfilesIn(spec));
    return await deps.transact(async (records) => {
      const unknown = await unknownName(records, profiles);
      if (unknown !== null) return err(unknown);
      const at = deps.now();
      let recorded = 0;
      for (const profile of profiles) {
        if (await records.profiles.record(profile, at, call.actor.person)) recorded++;
      }
      if (recorded === 0) return ok({ recorded });
      for (const environment of new Set(profiles.map((profile) => profile.environment))) {
        await records.deployments.wake(environment, at);
      }
      await records.audit.append({
        at,
        actor: call.actor,
        action: "load-profile.record",
        object: profiles.length === 1 ? `${profiles[0]?.service}@${profiles[0]?.environment}` : "load-profiles",
        outcome: "recorded",
        reason: null,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { profiles: profiles.map(({ service, environment }) => `${service}@${environment}`) },
      });
      return ok({ recorded });
    });
  };
}

type Named = { readonly service: string; readonly environment: string };

/** The first profile of something that the configuration in force does not declare; null when all are declared. */
async function unknownName(
  records: Records,
  profiles: readonly Named[],
): Promise<
  | { readonly code: "no-such-service"; readonly name: string }
  | { readonly code: "no-such-environment"; readonly name: string }
  | null
> {
  const declared = new Set((await records.configuration.inForce()).map(({ kind, name }) => `${kind}/${name}`));
  for (const { service, environment } of profiles) {
    if (!declared.has(`Service/${service}`)) return { code: "no-such-service", name: service };
    if (!declared.has(`Environment/${environment}`)) return { code: "no-such-environment", name: environment };
  }
  return null;
}

function toPlace({ path, line, column, code, message, remedy, excerpt }: Problem): ProfileProblem {
  return { path, line, column, code, message, remedy, excerpt };
}
