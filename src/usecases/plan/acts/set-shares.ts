import type { ActAnswer, SeenBefore } from "#core/plan/act-request.ts";
import type { Observation } from "#connectors/port.ts";
import { answered, failedBy } from "#usecases/plan/acts/answer.ts";
import { noteBefore } from "#usecases/plan/acts/note-before.ts";
import type { ActDeps, ActOf } from "#usecases/plan/act-deps.ts";

/** The proxy's shares are decimal fractions; binary ones cannot hold them exactly. */
const tolerance = 0.001;

/**
 * Gives a version its share and sees at the target that it has it. What was there before is on record first, so that it
 * can be given back whatever happens in between.
 */
export async function setShares(deps: ActDeps, act: ActOf<"set-shares">): Promise<ActAnswer> {
  const { id, key, fence, request } = act;
  const { environment, service, version, control, percent } = request;
  const target = { environment, service };
  const before = await deps.deployer.observe(target);
  if (!before.ok) return failedBy(before.error);
  const isNoted = await noteBefore(deps.transact, id, seenIn(before.value));
  if (!isNoted) return answered("failed", "The step had ended before its shares could be set.");
  const shifted = await deps.deployer.shift({ ...target, version, control, percent }, { key, fence });
  if (!shifted.ok) return failedBy(shifted.error);
  const seen = await deps.deployer.observe(target);
  if (!seen.ok) return failedBy(seen.error);
  const there = seen.value.versions.find((each) => each.version === version);
  if (there === undefined || Math.abs(there.percent - percent) > tolerance) {
    const shown = `${there?.percent ?? 0} % for ${service}@${version}, where ${percent} % was asked`;
    return answered("failed", `The target says that the shares are set, and shows ${shown}.`);
  }
  const live = percent === 100 ? { version, digest: there.digest } : null;
  const rest = control === null || percent === 100 ? "" : `, ${control} the rest`;
  const outcome = `${service}@${version} has ${percent} % of the traffic in ${environment}${rest}, seen at the target.`;
  return { ...answered("done", outcome), live };
}

export function seenIn({ versions, observedAt }: Observation): SeenBefore {
  const shares = versions
    .filter(({ percent }) => percent > 0)
    .map(({ version, percent }) => [version, percent] as const);
  const second = Math.floor(Temporal.Instant.from(observedAt).epochMilliseconds / 1000);
  return { shares: Object.fromEntries(shares), second };
}
