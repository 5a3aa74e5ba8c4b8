import type { FakeDeployer } from "#connectors/fake/deployer.ts";
import type { Asked } from "./clients.ts";
import type { ClaimRow, DeploymentRow, Snapshot, StepRow } from "./snapshot.ts";
import type { Arrival } from "./target.ts";

/*
 * The oracle. It knows the rules and not the code: it compares what clients were told, what the database says and what
 * the targets saw. Each invariant has the name under which the list of them knows it.
 */

export const invariantIds = [
  "I1",
  "I2",
  "I3",
  "I4",
  "I5",
  "I6",
  "I7",
  "I8",
  "I9",
  "I10",
  "I11",
  "I12",
  "I14",
  "I16",
  "I17",
  "I21",
  "I22",
] as const;
export type InvariantId = (typeof invariantIds)[number];

export const invariantTitles: Readonly<Record<InvariantId, string>> = {
  I1: "Every accepted request reaches an end.",
  I2: "One request key has one outcome, and a repetition gets it.",
  I3: "A step has its effect once at the target.",
  I4: "A resource is never used beyond its capacity; fencing numbers only rise at the target.",
  I5: "Nothing starts inside a hold, a stop or a freeze that was committed before the decision.",
  I6: "What runs is what was decided about.",
  I7: "Approvals that count are of other people than who asked.",
  I8: "Every begin, turn and end is in the record once.",
  I9: "A run that went back has undone what it did.",
  I10: "Who came first is served first, by priority.",
  I11: "An end is final.",
  I12: "No call is tried more often than the plan allows for each of its executions.",
  I14: "No timer fires early.",
  I16: "A webhook that comes several times asks once.",
  I17: "Once the faults are over everything comes to its end without a hand on the database.",
  I21: "After a run was turned back, or has ended, nothing new begins.",
  I22: "Whatever crashed, what was committed is there.",
};

export class Violation extends Error {
  readonly id: InvariantId;
  constructor(id: InvariantId, message: string) {
    super(message);
    this.name = "Violation";
    this.id = id;
  }
}

export interface Seen {
  readonly now: Temporal.Instant;
  readonly turn: number;
  readonly asked: readonly Asked[];
  readonly arrivals: readonly Arrival[];
  readonly lies: ReadonlySet<string>;
  readonly attempts: ReadonlyMap<string, number>;
  readonly fleet: FakeDeployer;
  /** Capacity of each resource, the largest that was in force at any time since its claims were granted. */
  readonly capacities: ReadonlyMap<string, number>;
  /** Turn of the begin of the transaction that has just committed. */
  readonly begunAt: number;
  /** Turn in which the freeze over stage came into force; null: there is none. */
  readonly frozenSince: number | null;
  /** Turn in which a hold or stop was first seen, by id. */
  readonly blockedSince: ReadonlyMap<string, number>;
  readonly webhooks: ReadonlyMap<string, number>;
  /** Turn in which each ended step was first seen to have ended. */
  readonly endedSteps: ReadonlyMap<string, number>;
}

const stepId = ({ run, part, name }: Pick<StepRow, "run" | "part" | "name">): string => `${run}:${part}:${name}`;
const isOpen = ({ state }: { readonly state: string }): boolean => state === "queued" || state === "running";

function assure(isSo: boolean, id: InvariantId, message: () => string): void {
  if (!isSo) throw new Violation(id, message());
}

/** After each commit. */
export function checkStep(before: Snapshot, after: Snapshot, seen: Seen): void {
  finality(before, after);
  timers(before, after, seen);
  capacity(after, seen);
  order(before, after);
  turned(before, after);
  begins(before, after, seen);
  record(after);
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

/** After the faults are over and nothing is due any more. */
export function checkEnd(last: Snapshot, seen: Seen): void {
  answers(last, seen);
  effects(last, seen);
  fencing(last, seen);
  wayBack(last, seen);
  deployed(last, seen);
  for (const [run, times] of seen.webhooks) {
    const made = last.gates.filter((gate) => gate.run === run).length;
    assure(made <= 1, "I16", () => `The webhook of ${run} came ${times} times and made ${made} gates.`);
  }
}

/** What clients were told is so. */
function answers({ runs, deployments }: Snapshot, { asked }: Seen): void {
  const ids = new Set([...runs.map(({ id }) => id), ...deployments.map(({ id }) => id)]);
  const byKey = new Map<string, Set<string>>();
  for (const one of asked) {
    if ((one.kind !== "start" && one.kind !== "request") || one.outcome !== "ok" || one.answer === null) continue;
    const { answer, key } = one;
    assure(ids.has(answer), "I1", () => `A client was told ${answer}, and there is none.`);
    if (key !== null) byKey.set(key, (byKey.get(key) ?? new Set()).add(answer));
  }
  for (const [key, told] of byKey) {
    assure(told.size === 1, "I2", () => `Who asked under ${key} was told ${[...told].join(" and ")}.`);
  }
  const stored = new Set<string>();
  for (const { key } of [...runs, ...deployments]) {
    assure(key === null || !stored.has(key), "I2", () => `Two were made under ${key}.`);
    if (key !== null) stored.add(key);
  }
  const starts = asked.filter(({ kind, outcome, key }) => kind === "start" && outcome === "ok" && key !== null);
  const keys = new Set(starts.map(({ key }) => key));
  const lost = new Set(
    asked
      .filter(({ kind, outcome }) => kind === "start" && outcome !== "ok" && outcome !== "refused")
      .map(({ key }) => key),
  );
  const told = new Set(starts.map(({ answer }) => answer));
  assure(
    runs.filter(({ id }) => told.has(id)).length === keys.size,
    "I2",
    () => `${keys.size} keys have begun ${told.size} runs.`,
  );
  assure(
    runs.length <= keys.size + lost.size,
    "I2",
    () => `There are ${runs.length} runs for ${keys.size + lost.size} requests.`,
  );
  for (const one of asked) {
    const { kind, outcome, object } = one;
    if (kind !== "turn" || outcome !== "ok") continue;
    const run = runs.find(({ id }) => id === object);
    assure(run?.turnedBy !== null, "I21", () => `Somebody was told that ${object} is turned back, and it is not.`);
  }
}

function effects({ steps, flows }: Snapshot, { arrivals, lies, attempts, endedSteps }: Seen): void {
  const executions = new Map(flows.map(({ id, takes }) => [id, takes]));
  const applied = new Map<string, number>();
  for (const one of arrivals) {
    if (one.outcome !== "applied") continue;
    const id = `${one.run}:${one.part}:${one.step}`;
    applied.set(id, (applied.get(id) ?? 0) + 1);
    const ended = endedSteps.get(id) ?? Number.POSITIVE_INFINITY;
    assure(
      one.sentAt <= ended,
      "I21",
      () => `${id} was sent in turn ${one.sentAt} and took effect; it had ended in turn ${ended}.`,
    );
  }
  for (const [id, count] of applied) assure(count === 1, "I3", () => `${id} had its effect ${count} times.`);
  for (const step of steps) {
    const id = stepId(step);
    const isRefused = step.outcome === "ops.example answered 409.";
    assure(!isRefused, "I4", () => `${id} was refused at the target for its number, although it held what it used.`);
    if (step.state !== "done" || step.outcome !== "ops.example took it." || lies.has(id)) continue;
    const isUndo = step.part === "undo";
    assure(applied.get(id) === 1, isUndo ? "I9" : "I3", () => `${id} is done, and the target has never done it.`);
  }
  for (const [id, count] of attempts) {
    const most = 4 * Math.max(1, executions.get(id) ?? 1);
    assure(count <= most, "I12", () => `${id} was tried ${count} times, where ${most} are allowed.`);
  }
}

function fencing({ claims }: Snapshot, { arrivals }: Seen): void {
  const floors = new Map<string, number>();
  for (const arrival of arrivals) {
    if (arrival.outcome !== "applied") continue;
    const own = claims.filter(
      (claim) => claim.run === arrival.run && claim.part === arrival.part && claim.name === arrival.step,
    );
    for (const { resource, fence } of own) {
      const shown = arrival.fences[resource];
      assure(
        shown === fence,
        "I4",
        () =>
          `${arrival.run}:${arrival.part}:${arrival.step} showed ${shown ?? "no number"} for ${resource} and had ${fence}.`,
      );
      assure(
        (shown ?? 0) >= (floors.get(resource) ?? 0),
        "I4",
        () => `${resource} was used under ${shown} behind ${floors.get(resource)}.`,
      );
      floors.set(resource, Math.max(arrival.floors[resource] ?? 0, floors.get(resource) ?? 0));
    }
  }
}

/** What was done on the way forward has been undone where the run says that the way back is done. */
function wayBack({ runs, steps }: Snapshot, { arrivals, lies }: Seen): void {
  for (const run of runs) {
    const own = steps.filter((step) => step.run === run.id);
    const isBack = run.state === "rolled-back" || run.state === "aborted";
    if (run.state === "succeeded") {
      assure(
        own.every(({ part, state }) => part === "forward" && (state === "done" || state === "skipped")),
        "I9",
        () => `${run.id} succeeded with ${own.length} steps that were not all done.`,
      );
    }
    if (!isBack) continue;
    for (const step of own.filter(
      ({ part, state, outcome }) => part === "forward" && state === "done" && outcome === "ops.example took it.",
    )) {
      const undo = own.find(({ part, name }) => part === "undo" && name === step.name);
      const isUndone = arrivals.some(
        (one) => one.run === run.id && one.part === "undo" && one.step === step.name && one.outcome === "applied",
      );
      const isLie = undo !== undefined && lies.has(stepId(undo));
      assure(
        undo?.state === "done" && (isUndone || isLie),
        "I9",
        () => `${run.id} is ${run.state}, and ${step.name} was not undone.`,
      );
    }
  }
}

function deployed({ deployments }: Snapshot, { fleet }: Seen): void {
  const fences = new Map<string, number>();
  for (const entry of fleet.ledger) {
    if (entry.outcome !== "applied") continue;
    const before = fences.get(entry.environment) ?? 0;
    assure(
      entry.fence >= before,
      "I4",
      () => `${entry.environment} was changed under ${entry.fence} behind ${before}.`,
    );
    fences.set(entry.environment, entry.fence);
    const owner = deployments.find(
      ({ fence, environment }) => fence === entry.fence && environment === entry.environment,
    );
    assure(
      owner !== undefined,
      "I4",
      () => `${entry.effect} in ${entry.environment} shows ${entry.fence}, which nobody was given.`,
    );
    if (entry.effect !== "start-version" || owner === undefined) continue;
    const [version, digest] = entry.detail.split(" ");
    const isSame = owner.service === entry.service && owner.version === version && owner.digest === digest;
    assure(
      isSame,
      "I6",
      () =>
        `${owner.id} was decided as ${owner.service}@${owner.version}, and ${entry.service}@${version} was started.`,
    );
  }
  const keys = new Set<string>();
  for (const { outcome, key } of fleet.ledger) {
    if (outcome !== "applied") continue;
    assure(!keys.has(key), "I3", () => `${key} had its effect twice.`);
    keys.add(key);
  }
}
