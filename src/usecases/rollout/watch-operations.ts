import type { Person } from "#core/catalog/people.ts";
import type { DeploymentId } from "#core/id.ts";
import { isMeant } from "#core/release/hold.ts";
import { err, ok, type Result } from "#core/result.ts";
import {
  exitCriteria,
  missedCheckIns,
  nextCheckIn,
  type CheckIn,
  type ExitCriterion,
} from "#core/rollout/stabilisation.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { LiveAsk } from "#usecases/rollout/live-ask.ts";
import { makeListLiveAsks } from "#usecases/rollout/live-asks.ts";
import { tellWatch } from "#usecases/rollout/tell-watch.ts";
import type { LiveWatch, WatchNotice } from "#usecases/rollout/watch-records.ts";

/** A live version that is or was watched, as it stands now. */
export interface WatchView {
  readonly live: LiveWatch;
  readonly checkIns: readonly CheckIn[];
  /** null: none is expected any more. */
  readonly nextCheckIn: Temporal.Instant | null;
  /** What its end takes, as it stands now; of one that has ended, as it stood then. Empty without a stabilisation. */
  readonly criteria: readonly ExitCriterion[];
  /** Newest first. */
  readonly notices: readonly WatchNotice[];
}

export interface WatchOperations {
  /** null: nothing was ever watched of it. */
  readonly showWatch: (deployment: DeploymentId) => Promise<WatchView | null>;
  /** What is wanted of a person about what goes live or is live. */
  readonly listAsks: (person: Person) => Promise<readonly LiveAsk[]>;
  readonly checkIn: (
    input: { readonly deployment: DeploymentId; readonly isWell: boolean; readonly sentence: string },
    call: Call,
  ) => Promise<Result<DeploymentId, "not-watched" | "not-asked">>;
  /** A person ends it, with the criteria as they are on record. */
  readonly endWatch: (
    input: { readonly deployment: DeploymentId; readonly reason: string },
    call: Call,
  ) => Promise<Result<DeploymentId, "not-watched">>;
}

interface WatchOperationDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

export function makeWatchOperations(deps: WatchOperationDeps): WatchOperations {
  return {
    showWatch: (deployment) => deps.transact((records) => showIn(records, deployment, deps.now())),
    listAsks: makeListLiveAsks(deps),
    checkIn: ({ deployment, isWell, sentence }, call) =>
      deps.transact(async (records) => {
        const live = await records.watches.find(deployment);
        const watcher = live?.watch.stabilisation?.watcher ?? null;
        if (live === null || live.lookAt === null || watcher === null) return err("not-watched");
        const person = (await records.catalog.inForce()).people.get(call.actor.person);
        if (person === undefined || !isMeant(watcher, person)) return err("not-asked");
        const at = deps.now();
        await records.watches.checkIn(deployment, { at, person: person.name, isWell, sentence });
        const to = isWell ? [] : [live.watch.stabilisation?.escalate ?? watcher];
        const said = `${person.name} on ${live.service}@${live.version} in ${live.environment}: ${isWell ? "all is well" : "not well"}. ${sentence}`;
        const outcome = isWell ? "well" : "not-well";
        const key = `said at ${at.toString()}`;
        await tellWatch(records, live, { key, outcome, sentence: said, to, at, actor: call.actor, reason: sentence });
        return ok(deployment);
      }),
    endWatch: ({ deployment, reason }, call) =>
      deps.transact(async (records) => {
        const live = await records.watches.take(deployment);
        if (live === null || live.lookAt === null) return err("not-watched");
        const at = deps.now();
        const criteria = criteriaOf(live, await records.watches.checkIns(deployment), at);
        const exit = { how: "decided", at: at.toString(), by: call.actor.person, reason, criteria } as const;
        await records.watches.save({ ...live, memory: { ...live.memory, phase: "over", exit }, lookAt: null });
        // Whoever waits for it waits for what the policy demands, and not for what was prolonged.
        if (live.prolonged > 0) await records.watches.stabilises({ ...live, at, until: at });
        const red = criteria.filter(({ isGreen }) => !isGreen).map(({ sentence }) => sentence);
        const sentence = `${call.actor.person} ended the watch over ${live.service}@${live.version} in ${live.environment}. ${red.join(" ")}`;
        const to = [live.watch.stabilisation?.watcher].flatMap((name) => name ?? []);
        await tellWatch(records, live, {
          key: "exit",
          outcome: "decided",
          sentence,
          to,
          at,
          actor: call.actor,
          reason,
        });
        return ok(deployment);
      }),
  };
}

async function showIn(records: Records, deployment: DeploymentId, at: Temporal.Instant): Promise<WatchView | null> {
  const live = await records.watches.find(deployment);
  if (live === null) return null;
  const checkIns = await records.watches.checkIns(deployment);
  const given = checkIns.map((one) => one.at);
  const { stabilisation } = live.watch;
  const isOpen = live.lookAt !== null && stabilisation !== null;
  return {
    live,
    checkIns,
    nextCheckIn: isOpen
      ? nextCheckIn(stabilisation, { liveAt: live.liveAt, endsAt: live.watchedUntil }, given, at)
      : null,
    criteria: live.memory.exit?.criteria ?? criteriaOf(live, checkIns, at),
    notices: await records.watches.told(deployment),
  };
}

function criteriaOf(live: LiveWatch, checkIns: readonly CheckIn[], at: Temporal.Instant): readonly ExitCriterion[] {
  const { stabilisation, triggers } = live.watch;
  if (stabilisation === null) return [];
  const given = checkIns.map((one) => one.at);
  const missed = missedCheckIns(stabilisation, { liveAt: live.liveAt, endsAt: live.watchedUntil }, given, at);
  return exitCriteria(stabilisation, triggers, live.memory, checkIns, missed);
}
