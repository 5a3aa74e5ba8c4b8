import type { Cover } from "#core/calendar/cover/cover-for.ts";
import { guardedTier } from "#core/policy/rules/cover-present.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import { coverIn } from "#usecases/calendar/cover-ask.ts";
import type { CoverChange, RotaImportInput, UnknownName } from "#usecases/calendar/cover-types.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import { systemActor, type DeploymentRecord, type Records, type Transact } from "#usecases/records.ts";

export interface ChangeCoverDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly newSwapId: () => string;
  readonly newImportId: () => string;
}

/** Bookings that are looked at one by one when cover changes; the sweep judges all of them again in any case. */
export const maxBookingsTold = 200;

/** Imports the rota of a team as another system keeps it; the import before from the same source ends. */
export function makeImportRota(deps: ChangeCoverDeps): Operations["importRota"] {
  return (input, call) => deps.transact((records) => importDuties(deps, records, input, call));
}

/** The same inside a transaction of the caller's. */
export async function importDuties(
  deps: Pick<ChangeCoverDeps, "now" | "newImportId">,
  records: Records,
  input: RotaImportInput,
  call: Call,
): Promise<Result<CoverChange, UnknownName>> {
  const stranger = await unknownIn(
    records,
    input.team,
    input.duties.map(({ person }) => person),
  );
  if (stranger !== null) return err(stranger);
  const id = deps.newImportId();
  const at = deps.now();
  const { team, source } = input;
  const after = { team, source, duties: input.duties.length, until: input.until.toString() };
  const entry = { action: "rota.import", object: `rota/${team}`, reason: null, after };
  const change = () => records.cover.importRota({ ...input, id }, at, call.actor.person);
  return ok(await changeCover(records, { id, team, at, entry, change }, call));
}

/** Somebody steps in, is away, or takes another's place. */
export function makeSwapShift(deps: ChangeCoverDeps): Operations["swapShift"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const named = [input.person, input.replaces].filter((person) => person !== null);
      const stranger = await unknownIn(records, input.team, named);
      if (stranger !== null) return err(stranger);
      const id = deps.newSwapId();
      const at = deps.now();
      const { team, person, replaces, reason } = input;
      const after = { team, person, replaces, from: input.from.toString(), to: input.to.toString() };
      const entry = { action: "rota.swap", object: id, reason, after };
      const change = () => records.cover.insertSwap({ ...input, id }, at, call.actor.person);
      return ok(await changeCover(records, { id, team, at, entry, change }, call));
    });
}

export function makeWithdrawSwap(deps: ChangeCoverDeps): Operations["withdrawSwap"] {
  return ({ id, reason }, call) =>
    deps.transact(async (records) => {
      const swap = await records.cover.findSwap(id);
      if (swap === null) return err("no-such-swap");
      const at = deps.now();
      const entry = { action: "rota.withdraw-swap", object: id, reason, after: { team: swap.team } };
      const change = () => records.cover.withdrawSwap(id, at, call.actor.person);
      return ok(await changeCover(records, { id, team: swap.team, at, entry, change }, call));
    });
}

/** The team or person that the configuration in force does not declare; null when all are declared. */
async function unknownIn(records: Records, team: string, persons: readonly string[]): Promise<UnknownName | null> {
  const documents = await records.configuration.inForce();
  const declared = new Set(documents.map(({ kind, name }) => `${kind}/${name}`));
  // A configuration without any Team means those that its services name.
  const isTeam = documents.some(({ kind, name, spec }) =>
    kind === "Team" ? name === team : kind === "Service" && spec["team"] === team,
  );
  if (!isTeam) return { code: "no-such-team", name: team };
  const stranger = persons.find((person) => !declared.has(`Person/${person}`));
  return stranger === undefined ? null : { code: "no-such-person", name: stranger };
}

interface Change {
  readonly id: string;
  readonly team: string;
  readonly at: Temporal.Instant;
  readonly entry: {
    readonly action: string;
    readonly object: string;
    readonly reason: string | null;
    readonly after: object;
  };
  readonly change: () => Promise<void>;
}

/**
 * Changes cover and tells those whose booking is another one since: its planned start had cover and has lost it, or the
 * other way round. All waiting work is judged again by the sweep.
 */
async function changeCover(
  records: Records,
  { id, team, at, entry, change }: Change,
  call: Call,
): Promise<CoverChange> {
  const bookings = await records.cover.plannedFelt(team, maxBookingsTold);
  const before = await coverOfAll(records, bookings, at);
  await change();
  const after = await coverOfAll(records, bookings, at);
  const gained: string[] = [];
  const lost: string[] = [];
  for (const { deployment, planned } of bookings) {
    const [was, is] = [before.get(deployment.id), after.get(deployment.id)];
    if (was === undefined || is === undefined || was.isCovered === is.isCovered) continue;
    (is.isCovered ? gained : lost).push(deployment.id);
    await tellAbout(records, { deployment, planned, is, at });
  }
  await records.deployments.wake(null, at);
  await records.audit.append({
    at,
    actor: call.actor,
    action: entry.action,
    object: entry.object,
    outcome: "done",
    reason: entry.reason,
    verdict: null,
    requestId: call.requestId,
    before: null,
    after: { ...entry.after, gained, lost },
  });
  return { id, gained, lost };
}

interface Standing {
  readonly isCovered: boolean;
  readonly sentence: string;
  /** Who answers for what changes. */
  readonly owner: string;
}

type Booking = { readonly deployment: DeploymentRecord; readonly planned: Span };

async function coverOfAll(
  records: Records,
  bookings: readonly Booking[],
  at: Temporal.Instant,
): Promise<ReadonlyMap<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (const { deployment, planned } of bookings) {
    const last = Temporal.Instant.compare(planned.from, at) > 0 ? planned.from : at;
    const subject = { ...deployment.subject, onBehalfOf: deployment.id };
    const facts = await records.facts.load(subject, at, horizonOf(last));
    const { cover } = coverIn(facts, facts.environment?.zone ?? "UTC", planned.from);
    standings.set(deployment.id, standingOf(cover, facts.service?.team ?? "nobody"));
  }
  return standings;
}

function standingOf(cover: Cover | "none", owner: string): Standing {
  if (cover === "none") return { isCovered: true, sentence: "Nobody has declared a rota.", owner };
  const gaps = cover.gaps
    .filter(({ tier }) => tier <= guardedTier)
    .map(({ team, from, to }) => `nobody of ${team} is on duty from ${from.toString()} to ${to.toString()}`);
  const unknown = cover.unknown
    .filter(({ tier }) => tier <= guardedTier)
    .map(({ team, why }) => `who of ${team} is on duty is not known: ${why}`);
  const said = [...gaps, ...unknown];
  return {
    isCovered: said.length === 0,
    sentence: said.length === 0 ? "It is covered." : `${said.join("; ")}.`,
    owner,
  };
}

/** The record of who is to be told what: an entry of the audit, and a line of the timeline that its readers are sent. */
async function tellAbout(
  records: Records,
  about: Booking & { readonly is: Standing; readonly at: Temporal.Instant },
): Promise<void> {
  const { deployment, planned, is, at } = about;
  const what = is.isCovered ? "gained" : "lost";
  const tell = [deployment.subject.requestedBy, `team ${is.owner}`].filter((name) => name !== null);
  const planning = planned.from.toString();
  await records.timeline.append({
    deployment: deployment.id,
    at,
    step: "judge",
    name: `cover ${what} ${at.toString()}`,
    phase: "info",
    sentence: is.isCovered
      ? `Its planned start on ${planning} has cover again.`
      : `Its planned start on ${planning} has lost its cover: ${is.sentence}`,
    detail: { tell },
  });
  await records.audit.append({
    at,
    actor: systemActor,
    action: is.isCovered ? "cover.gain" : "cover.lose",
    object: deployment.id,
    outcome: is.isCovered ? "covered" : "deny",
    reason: is.sentence,
    verdict: null,
    requestId: null,
    before: null,
    after: { tell, planned: planning },
  });
}
