import type { Snapshot, StepRow } from "./snapshot.ts";
import { assure, isOpen, stepId, type Seen } from "./violation.ts";
import { chains } from "./world.ts";

/* The oracle of the steps that act at targets, ask people, and keep others out. */

/** After each commit. */
export function checkActStep(before: Snapshot, after: Snapshot): void {
  kept(after);
  consented(before, after);
}

/** After the faults are over and nothing is due any more. */
export function checkActEnd(last: Snapshot, seen: Seen): void {
  commands(last, seen);
  deeds(last, seen);
  told(last);
  givenBack(last);
  backwards(last);
}

/** Where a run keeps an environment to itself, nobody else has its lock until the run has ended. */
function kept({ runs, steps, locks }: Snapshot): void {
  const open = new Set(runs.filter(({ endedAt }) => endedAt === null).map(({ id }) => id));
  for (const step of steps) {
    if (step.name !== "keep" || step.state !== "done" || !open.has(step.run)) continue;
    const holder = locks.find(({ key }) => key === "environment:prod")?.holder;
    assure(
      holder === step.run,
      "I4",
      () => `${step.run} keeps prod to itself, and ${holder ?? "nobody"} has its lock.`,
    );
  }
}

/** Consent is somebody else's than who started the run, and one rejection is enough. */
function consented(before: Snapshot, { runs, steps, decisions }: Snapshot): void {
  const was = new Map(before.steps.map((step) => [stepId(step), step.state]));
  for (const step of steps) {
    if (step.name !== "consent" || step.state !== "done" || was.get(stepId(step)) === "done") continue;
    const starter = runs.find(({ id }) => id === step.run)?.startedBy;
    const own = decisions.filter((one) => stepId(one) === stepId(step));
    const isGiven = own.some(({ person, decision }) => decision === "approved" && person !== starter);
    assure(isGiven, "I7", () => `${stepId(step)} is done without the consent of anybody but ${starter ?? "nobody"}.`);
    const rejection = own.find(({ decision }) => decision === "rejected");
    assure(rejection === undefined, "I7", () => `${stepId(step)} is done, and ${rejection?.person ?? ""} rejected it.`);
  }
}

/** A command is started once per key, under a key of its step, and no more often than the plan allows. */
function commands({ steps }: Snapshot, { commands: started }: Seen): void {
  const known = new Set(steps.map(stepId));
  const tries = new Map<string, number>();
  for (const { key } of started) {
    const id = key.replace(/^try-\d+:/, "");
    assure(known.has(id), "I3", () => `${key} was started, and it is the key of no step.`);
    tries.set(id, (tries.get(id) ?? 0) + 1);
  }
  for (const [id, count] of tries) assure(count <= attempts, "I12", () => `${id} was started ${count} times.`);
  for (const step of steps) {
    if (step.state !== "done" || step.outcome?.includes(" ended well in ") !== true) continue;
    assure(tries.has(stepId(step)), "I3", () => `${stepId(step)} is done, and the place has never started it.`);
  }
}

/** What the plan of the canary allows. */
const attempts = 3;

/** What steps say that they did at the fleet is in its ledger, under their key and the number of their lock. */
function deeds({ deeds: all, steps }: Snapshot, { fleet }: Seen): void {
  const own = new Map(steps.map((step) => [stepId(step), step]));
  for (const deed of all) {
    const id = stepId(deed);
    const entries = fleet.ledger.filter(({ key, outcome }) => key === id && outcome === "applied");
    const shown = entries.find(({ fence }) => fence !== deed.fence);
    assure(
      shown === undefined,
      "I4",
      () => `${id} showed the number ${shown?.fence ?? 0} at the target, and had ${deed.fence ?? "none"}.`,
    );
    const hasChanged = changing.some((words) => own.get(id)?.outcome?.includes(words) === true);
    if (own.get(id)?.state !== "done" || !hasChanged) continue;
    assure(entries.length > 0, "I3", () => `${id} is done, and nothing at the fleet was done under its key.`);
  }
}

/** Of the outcomes of steps that change something at the fleet. */
const changing = [" runs in ", "% of the traffic in "];

/** Whoever is meant is told once, and nobody is told by a step that never did. */
function told({ steps, told: messages }: Snapshot): void {
  const got = new Map(messages.map(({ key, count }) => [key, count]));
  for (const step of steps) {
    if (step.state !== "done" || step.outcome?.startsWith("Told ") !== true) continue;
    const names = step.outcome.split(",").length;
    assure(
      got.get(stepId(step)) === names,
      "I3",
      () => `${stepId(step)} told ${names} persons, and ${got.get(stepId(step)) ?? 0} got it.`,
    );
  }
}

/** Whoever has ended holds nothing. */
function givenBack({ runs, deployments, locks, claims }: Snapshot): void {
  const open = new Set([
    ...runs.filter(({ endedAt }) => endedAt === null).map(({ id }) => id),
    ...deployments.filter(({ state }) => ["waiting", "queued", "running"].includes(state)).map(({ id }) => String(id)),
  ]);
  const lock = locks.find(({ holder }) => !open.has(holder));
  assure(lock === undefined, "I23", () => `${lock?.holder ?? ""} has ended and holds the lock ${lock?.key ?? ""}.`);
  const claim = claims.find(({ run, released }) => !released && !open.has(run));
  assure(claim === undefined, "I23", () => `${claim?.run ?? ""} has ended and uses ${claim?.resource ?? ""}.`);
}

/** What goes one after the other is undone from its end: each undo begins when all behind it are over. */
function backwards({ runs, steps }: Snapshot): void {
  for (const { id, runbook } of runs) {
    const chain = chains[runbook] ?? [];
    const undone = steps.filter(({ run, part }) => run === id && part === "undo");
    const place = ({ name }: StepRow): number => chain.indexOf(name);
    for (const [nth, later] of undone.entries()) {
      const early = undone.slice(0, nth).find((one) => place(one) < place(later) || isOpenAt(one, later));
      if (chain.length === 0) continue;
      assure(early === undefined, "I9", () => `${stepId(early ?? later)} was undone before ${stepId(later)}.`);
    }
  }
}

function isOpenAt(one: StepRow, later: StepRow): boolean {
  return isOpen(one) || (one.endedAt !== null && Temporal.Instant.compare(one.endedAt, later.begunAt) > 0);
}
