import { saySessions, type LeftEnd, type LeftVersion } from "#core/rollout/left-version.ts";
import { systemActor, type Records } from "#usecases/records.ts";
import type { Change } from "#usecases/rollout/change.ts";

/** As it is when it is left: without sessions, and looked at at once by the sweep of a worker. */
export function leftOf(
  {
    deployment,
    service,
    environment,
    control,
  }: Pick<Change, "deployment" | "service" | "environment"> & { readonly control: string },
  at: Temporal.Instant,
): LeftVersion {
  const place = { deployment, service, environment, version: control, leftAt: at };
  const open = { sessions: null, counted: null, askAt: null, asked: 0, failed: 0, endWantedBy: null, ended: null };
  return { ...place, ...open, lookAt: at };
}

/** What became of it, on its row, on the timeline and in the record; nothing when that is there already. */
export async function endLeft(records: Records, left: LeftVersion, ended: LeftEnd): Promise<void> {
  if (!(await records.leftVersions.save({ ...left, ended, lookAt: null }))) return;
  const sentence = sentenceOf(left, ended);
  const { deployment, version } = left;
  const detail = { how: ended.how, forcedOut: ended.forcedOut ?? 0, sessions: left.counted };
  const line = { step: "stop-version", name: `stop ${version}`, phase: "done", sentence, detail } as const;
  await records.timeline.append({ deployment, at: ended.at, ...line });
  await records.audit.append({
    at: ended.at,
    actor: systemActor,
    action: "deployment.release-former",
    object: deployment,
    outcome: ended.how,
    reason: sentence,
    verdict: null,
    requestId: null,
    before: { version, leftAt: left.leftAt.toString() },
    after: detail,
  });
}

function sentenceOf(
  { service, version, leftAt, counted, endWantedBy }: LeftVersion,
  { at, how, forcedOut }: LeftEnd,
): string {
  const what = `${service}@${version}`;
  const seconds = Math.round(at.since(leftAt).total("seconds"));
  switch (how) {
    case "stopped":
      return `${what} is stopped ${seconds} s after it was left running; no session ended by force.`;
    case "forced": {
      const count = counted === null ? `${forcedOut ?? 0} sessions` : saySessions(counted);
      const by = endWantedBy === null ? "its strategy says" : `${endWantedBy} decided`;
      return `${count} of ${what} still lived and ended by force, as ${by}; it is stopped.`;
    }
    case "in-use":
      return `${what} has users again, so it is not stopped.`;
    case "gone":
      return `${what} does not run any more.`;
  }
}
