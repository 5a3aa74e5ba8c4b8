import type { ActAnswer } from "#core/plan/act-request.ts";
import type { ActDeps } from "#usecases/plan/act-deps.ts";
import type { OpenAct } from "#usecases/plan/make-act.ts";
import { followCommand } from "#usecases/plan/acts/follow-command.ts";
import { setFlag } from "#usecases/plan/acts/set-flag.ts";
import { setShares } from "#usecases/plan/acts/set-shares.ts";
import { smokeTest } from "#usecases/plan/acts/smoke-test.ts";
import { startVersion, stopVersion } from "#usecases/plan/acts/versions.ts";
import { watchTraffic } from "#usecases/plan/acts/watch-traffic.ts";

/**
 * Carries out what a step asks of its target and looks there whether it is so. Called again after a crash and after what
 * may pass, which is thrown (`RepeatableFailure`): the same key then gets the first answer of the target.
 */
export function performAct(deps: ActDeps, act: OpenAct): Promise<ActAnswer> {
  const { request } = act;
  switch (request.do) {
    case "start-version":
      return startVersion(deps, { ...act, request });
    case "stop-version":
      return stopVersion(deps, { ...act, request });
    case "set-shares":
      return setShares(deps, { ...act, request });
    case "smoke":
      return smokeTest(deps, { ...act, request });
    case "observe":
      return watchTraffic(deps, { ...act, request });
    case "run-command":
      return followCommand(deps, { ...act, request });
    case "digest-data":
      return followCommand(deps, { ...act, request });
    case "migrate":
      return followCommand(deps, { ...act, request });
    case "set-flag":
      return setFlag(deps, { ...act, request });
  }
}
