import { can } from "#core/access/can.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { Person } from "#core/catalog/people.ts";
import { matchesGlob, type Scope } from "#core/catalog/scope.ts";
import { type Hold, isMeant } from "#core/release/hold.ts";
import { err, ok } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";
import { lookAgain } from "#usecases/rollout/look-again.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";

export interface ChangeHoldDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly newHoldId: () => string;
  readonly newStopId: () => string;
  readonly tellRun: TellRun;
}

/** Holds in force at the same time: every verdict reads all of them. */
export const maxHolds = 500;
/** Stops in force at the same time: one each for some people who do not know of each other. */
export const maxStops = 20;

/** Puts a hold on what the scope matches. One that could never be lifted, or that matches nothing, is refused. */
export function makePlaceHold(deps: ChangeHoldDeps): IntakeOperations["placeHold"] {
  return ({ scope, reason, until, liftedBy }, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      if (until !== null && Temporal.Instant.compare(until, at) <= 0) return err("bad-span");
      const organisation = await records.catalog.inForce();
      const by = call.actor.person;
      const hold: Hold = {
        id: deps.newHoldId(),
        scope,
        reason,
        by,
        since: at,
        until,
        liftedBy: liftedBy ?? by,
      };
      if (lifters(hold, organisation).length === 0) return err("nobody-may-lift");
      if (!mayMatch(scope, organisation)) return err("matches-nothing");
      if ((await records.holds.count(at)) >= maxHolds) return err("too-many-holds");
      await records.holds.insert(hold);
      await changed(records, { action: "hold.place", object: hold.id, reason, before: null, after: hold, at }, call);
      return ok({ hold, ended: null });
    });
}

/**
 * Lifts a hold. Only whom it names may; when nobody is left whom it names, everybody who may place holds may also lift
 * it, because a hold must not outlive everybody who could end it.
 */
export function makeLiftHold(deps: ChangeHoldDeps): IntakeOperations["liftHold"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const found = await records.holds.find(id);
      if (found === null) return err("no-such-hold");
      const at = deps.now();
      if (found.ended !== null || isOver(found.hold.until, at)) return err("already-lifted");
      const named = lifters(found.hold, await records.catalog.inForce());
      if (named.length > 0 && !named.some(({ name }) => name === call.actor.person)) {
        return err({ code: "not-meant", liftedBy: found.hold.liftedBy });
      }
      const ended = { at, by: call.actor.person, reason };
      await records.holds.end(id, ended);
      await lookAgain(deps.tellRun, records, id);
      await changed(records, { action: "hold.lift", object: id, reason, before: found.hold, after: null, at }, call);
      return ok({ hold: found.hold, ended });
    });
}

/** Nothing starts from here on, roll-backs excepted when it says so. What runs stands still at its next stage. */
export function makeStop(deps: ChangeHoldDeps): IntakeOperations["stop"] {
  return ({ reason, until, allowsRollBack }, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      if (until !== null && Temporal.Instant.compare(until, at) <= 0) return err("bad-span");
      if ((await records.stops.count(at)) >= maxStops) return err("too-many-stops");
      const stop = { id: deps.newStopId(), reason, by: call.actor.person, since: at, until, allowsRollBack };
      await records.stops.insert(stop);
      await changed(records, { action: "stop.place", object: stop.id, reason, before: null, after: stop, at }, call);
      return ok({ stop, ended: null });
    });
}

export function makeResume(deps: ChangeHoldDeps): IntakeOperations["resume"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const found = await records.stops.find(id);
      if (found === null) return err("no-such-stop");
      const at = deps.now();
      if (found.ended !== null || isOver(found.stop.until, at)) return err("already-lifted");
      const ended = { at, by: call.actor.person, reason };
      await records.stops.end(id, ended);
      await lookAgain(deps.tellRun, records, id);
      await changed(records, { action: "stop.lift", object: id, reason, before: found.stop, after: null, at }, call);
      return ok({ stop: found.stop, ended });
    });
}

interface Change {
  readonly action: string;
  readonly object: string;
  readonly reason: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly at: Temporal.Instant;
}

/** On record, and all waiting work is judged again at once: a scope may match any of it. */
async function changed(records: Records, { at, ...entry }: Change, call: Call): Promise<void> {
  await records.deployments.wake(null, at);
  await records.audit.append({
    ...entry,
    at,
    actor: call.actor,
    outcome: entry.after === null ? "lifted" : "in-force",
    verdict: null,
    requestId: call.requestId,
  });
}

function isOver(until: Temporal.Instant | null, at: Temporal.Instant): boolean {
  return until !== null && Temporal.Instant.compare(until, at) <= 0;
}

/** The people whom the hold names and who may change holds at all. */
function lifters({ liftedBy }: Hold, { people }: Organisation): readonly Person[] {
  return [...people.values()].filter((person) => isMeant(liftedBy, person) && can({ person }, "hold.change").allowed);
}

/** False when a name in the scope is one that nothing of the catalog has: a slip that would hold nothing. */
function mayMatch(scope: Scope, { services, environments, teams, units }: Organisation): boolean {
  const names = [
    [scope.services, [...services.keys()]],
    [scope.environments, [...environments.keys()]],
    [scope.teams, [...teams.keys(), ...[...services.values()].map(({ team }) => team)]],
    [scope.units, [...units.keys(), ...[...services.values()].map(({ unit }) => unit)]],
  ] as const;
  return names.every(
    ([globs, known]) => globs === undefined || globs.every((glob) => known.some((name) => matchesGlob(glob, name))),
  );
}
