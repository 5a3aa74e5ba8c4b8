import type { Deployer, Failure, Observation, Target } from "#connectors/port.ts";
import { ok, type Result } from "#core/result.ts";
import type { LeftSeen, SessionCount } from "#core/rollout/left-version.ts";
import { secondOf } from "#usecases/rollout/shift-traffic.ts";

type Eyes = Pick<Deployer, "observe" | "traffic">;

interface Asked extends Target {
  readonly version: string;
  /** A session that was silent for so long has ended; null: it has none. */
  readonly idleSeconds: number | null;
}

/** A version without a share as the target shows it, with the sessions that live in it. */
export async function seeLeft(deployer: Eyes, asked: Asked): Promise<Result<LeftSeen, Failure>> {
  const { environment, service, version, idleSeconds } = asked;
  const seen = await deployer.observe({
    environment,
    service,
    ...(idleSeconds === null ? {} : { withSessions: true }),
  });
  if (!seen.ok) return seen;
  const found = seen.value.versions.find((each) => each.version === version);
  if (found === undefined || idleSeconds === null) {
    return ok({ state: found?.state ?? "absent", percent: found?.percent ?? 0, count: none });
  }
  const count = await countSessions(deployer, { ...asked, idleSeconds }, seen.value);
  return count.ok ? ok({ state: found.state, percent: found.percent, count: count.value }) : count;
}

const none: SessionCount = { live: 0, isExact: true };

/**
 * A proxy that tells sessions apart says how many it heard of lately. Of others there are at most as many as requests:
 * each that lives has made one within the time for which it may be silent.
 */
async function countSessions(
  deployer: Eyes,
  { environment, service, version, idleSeconds }: Asked & { readonly idleSeconds: number },
  { routing, observedAt }: Observation,
): Promise<Result<SessionCount, Failure>> {
  const told = routing?.sessions;
  if (told !== undefined) return ok({ live: told[version] ?? 0, isExact: true });
  const traffic = await deployer.traffic({ environment, service, since: secondOf(observedAt) - 1 - idleSeconds });
  if (!traffic.ok) return traffic;
  const own = traffic.value.seconds.filter((second) => second.version === version);
  return ok({ live: own.reduce((sum, { requests }) => sum + requests, 0), isExact: false });
}
