import { checkActStep } from "./act-invariants.ts";
import type { ClaimRow, DeploymentRow, Snapshot } from "./snapshot.ts";
import { assure, isOpen, stepId, type Seen } from "./violation.ts";

/*
 * The oracle. It knows the rules and not the code: it compares what clients were told, what the database says and what
 * the targets saw. Each invariant has the name under which the list of them knows it.
 */

/** After each commit. */
export function checkStep(before: Snapshot, after: Snapshot, seen: Seen): void {
  finality(before, after);
  timers(before, after, seen);
  capacity(after, seen);
  order(before, after);
  turned(before, after);
  begins(before, after, seen);
  record(after);
  checkActStep(before, after);
}

function finality(before: Snapshot, after: Snapshot): void {
  const steps = new Map(after.steps.map((step) => [stepId(step), step]));
  for (const step of before.steps) {
    const now = steps.get(stepId(step));
    assure(now !== undefined, "I22", () => `The step ${stepId(step)} is gone.`);
    if (isOpen(step)) continue;
    assure(
      now?.state === step.state && now.outcome === step.outcome,
      "I11",
      () => `${stepId(step)} was ${step.state} and is ${now?.state}.`,
    );
  }
  const runs = new Map(after.runs.map((run) => [run.id, run]));
  for (const run of before.runs) {
    const now = runs.get(run.id);
    assure(now !== undefined, "I22", () => `The run ${run.id} is gone.`);
    if (run.endedAt === null) continue;
    assure(
      now?.state === run.state && now.outcome === run.outcome,
      "I11",
      () => `${run.id} was ${run.state} and is ${now?.state}.`,
    );
  }
  const deployments = new Map(after.deployments.map((one) => [one.id, one]));
  for (const one of before.deployments) {
    if (["waiting", "queued", "running"].includes(one.state)) continue;
    const now = deployments.get(one.id)?.state;
    assure(now === one.state, "I11", () => `${one.id} was ${one.state} and is ${now}.`);
  }
  assure(after.auditEntries >= before.auditEntries, "I8", () => "Entries of the record are gone.");
}

const late = (instant: Temporal.Instant | null, now: Temporal.Instant): boolean =>
  instant !== null && Temporal.Instant.compare(now, instant) < 0;

function timers(before: Snapshot, after: Snapshot, { now }: Seen): void {
  const known = new Map(before.steps.map((step) => [stepId(step), step]));
  for (const step of after.steps) {
    const was = known.get(stepId(step));
    if (isOpen(step) || was === undefined || !isOpen(was)) continue;
    const isTimer = step.outcome === "Its time has come.";
    const isTimeOut = step.outcome?.includes(" in time.") === true && was.deployment === null;
    if (isTimer)
      assure(
        !late(was.lookAt, now),
        "I14",
        () => `${stepId(step)} waits until ${was.lookAt?.toString()} and was over at ${now.toString()}.`,
      );
    if (isTimeOut)
      assure(
        !late(was.deadline, now),
        "I14",
        () => `${stepId(step)} had until ${was.deadline.toString()} and timed out at ${now.toString()}.`,
      );
  }
  const runs = new Map(before.runs.map((run) => [run.id, run]));
  for (const run of after.runs) {
    if (run.turnedBy !== "system" || runs.get(run.id)?.turnedBy !== null) continue;
    assure(
      !late(run.turnAt, now),
      "I14",
      () => `${run.id} was to turn by itself at ${run.turnAt.toString()} and turned at ${now.toString()}.`,
    );
  }
}

const holdsIt = ({ fence, released }: ClaimRow): boolean => fence !== null && !released;

function capacity({ claims }: Snapshot, { capacities }: Seen): void {
  const used = new Map<string, number>();
  const fences = new Map<string, Set<number>>();
  for (const claim of claims) {
    if (holdsIt(claim)) used.set(claim.resource, (used.get(claim.resource) ?? 0) + claim.units);
    if (claim.fence === null) continue;
    const given = fences.get(claim.resource) ?? new Set();
    assure(
      !given.has(claim.fence),
      "I4",
      () => `The fencing number ${claim.fence} of ${claim.resource} was given twice.`,
    );
    fences.set(claim.resource, given.add(claim.fence));
  }
  for (const [resource, units] of used) {
    const most = capacities.get(resource) ?? 0;
    assure(units <= most, "I4", () => `${units} units of ${resource} are in use, and it has ${most}.`);
  }
}

/** Of those who wait for one resource alone: nobody is served while somebody of the same or a better priority came first. */
function order(before: Snapshot, after: Snapshot): void {
  const uses = new Map<string, number>();
  for (const claim of after.claims) uses.set(stepId(claim), (uses.get(stepId(claim)) ?? 0) + 1);
  const waitedBefore = new Map(
    before.claims
      .filter((claim) => claim.fence === null && !claim.released)
      .map((claim) => [stepId(claim) + claim.resource, claim]),
  );
  const waitsNow = after.claims.filter(
    (claim) => claim.fence === null && !claim.released && uses.get(stepId(claim)) === 1,
  );
  for (const granted of after.claims.filter(holdsIt)) {
    const isNew =
      waitedBefore.has(stepId(granted) + granted.resource) || !before.claims.some((one) => one.seq === granted.seq);
    if (!isNew) continue;
    const passed = waitsNow.find(
      (one) =>
        one.resource === granted.resource &&
        waitedBefore.has(stepId(one) + one.resource) &&
        one.units <= granted.units &&
        (one.priority < granted.priority || (one.priority === granted.priority && one.seq < granted.seq)),
    );
    assure(
      passed === undefined,
      "I10",
      () =>
        `${stepId(granted)} got ${granted.resource} before ${passed === undefined ? "" : stepId(passed)}, which came first.`,
    );
  }
}

function turned(before: Snapshot, after: Snapshot): void {
  const was = new Map(before.runs.map((run) => [run.id, run]));
  const known = new Map(before.steps.map((step) => [stepId(step), step]));
  for (const step of after.steps) {
    const run = was.get(step.run);
    const old = known.get(stepId(step));
    const hasBegun =
      old === undefined || (old.state === "queued" && step.state !== "queued" && step.state !== "skipped");
    if (run === undefined || !hasBegun) continue;
    assure(run.endedAt === null, "I21", () => `${stepId(step)} began although its run had ended.`);
    assure(
      run.turnedAt === null || step.part !== "forward",
      "I21",
      () => `${stepId(step)} began although its run had been turned back.`,
    );
  }
}

/** A deployment begins only where nothing stood in its way that was committed before its decision was begun. */
function begins(before: Snapshot, after: Snapshot, seen: Seen): void {
  const was = new Map(before.deployments.map((one) => [one.id, one.state]));
  for (const one of after.deployments) {
    if (one.state !== "running" || was.get(one.id) === "running" || one.action === "roll-back") continue;
    if (after.gates.some(({ run }) => run === one.run)) continue;
    const blocks = (id: string, ended: boolean): boolean =>
      !ended && (seen.blockedSince.get(id) ?? Number.POSITIVE_INFINITY) < seen.begunAt;
    const hold = after.holds.find(
      ({ id, ended, environment }) => blocks(id, ended) && (environment === null || environment === one.environment),
    );
    assure(hold === undefined, "I5", () => `${one.id} began in ${one.environment} although ${hold?.id} was in force.`);
    const stop = after.stops.find(({ id, ended }) => blocks(id, ended));
    assure(stop === undefined, "I5", () => `${one.id} began although ${stop?.id} was in force.`);
    const isFrozen = seen.frozenSince !== null && seen.frozenSince < seen.begunAt && one.environment === "stage";
    assure(!isFrozen, "I5", () => `${one.id} began in stage inside the freeze.`);
    approved(after, one);
  }
}

function approved(after: Snapshot, one: DeploymentRow): void {
  if (one.environment !== "prod") return;
  const given = after.approvals.filter(
    ({ digest, decision }) => digest === one.contentDigest && decision === "approved",
  );
  assure(
    given.some(({ person }) => person !== one.requestedBy),
    "I7",
    () => `${one.id} began in prod without the approval of anybody but ${one.requestedBy}.`,
  );
}

const onceEach = ["run.start", "run.end", "run.turn"];

function record({ acts, runs }: Snapshot): void {
  const counts = new Map(acts.map(({ action, object, count }) => [`${action} ${object}`, count]));
  for (const { action, object, count } of acts) {
    assure(
      !onceEach.includes(action) || count === 1,
      "I8",
      () => `${action} of ${object} is in the record ${count} times.`,
    );
  }
  for (const { id, endedAt, turnedBy } of runs) {
    assure(counts.has(`run.start ${id}`), "I8", () => `The begin of ${id} is not in the record.`);
    assure(
      counts.has(`run.end ${id}`) === (endedAt !== null),
      "I8",
      () => `The record and the row disagree about the end of ${id}.`,
    );
    const byPerson = turnedBy !== null && turnedBy !== "system";
    assure(
      counts.has(`run.turn ${id}`) === byPerson,
      "I21",
      () => `The record and the row disagree about ${id} being turned back.`,
    );
  }
}

/** Steps that have been given all that they use and have not begun. */
export function grantedAndQueued({ steps, claims }: Snapshot): readonly string[] {
  const queued = steps.filter(({ state }) => state === "queued");
  return queued
    .filter(({ run, part, name }) => {
      const own = claims.filter((claim) => claim.run === run && claim.part === part && claim.name === name);
      return own.length > 0 && own.every(holdsIt);
    })
    .map(stepId);
}
