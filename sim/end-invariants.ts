import { checkActEnd } from "./act-invariants.ts";
import type { Snapshot } from "./snapshot.ts";
import { assure, stepId, type Seen } from "./violation.ts";

/* What the oracle compares once everything is over: what clients were told, what is stored, and what targets saw. */

/** After the faults are over and nothing is due any more. */
export function checkEnd(last: Snapshot, seen: Seen): void {
  answers(last, seen);
  effects(last, seen);
  fencing(last, seen);
  wayBack(last, seen);
  deployed(last, seen);
  checkActEnd(last, seen);
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

function deployed({ deployments, deeds }: Snapshot, { fleet }: Seen): void {
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
    const holds = ({ fence, environment }: { readonly fence: number | null; readonly environment: string }): boolean =>
      fence === entry.fence && environment === entry.environment;
    const owner = deployments.find(holds) ?? deeds.find((deed) => holds(deed) && deed.service === entry.service);
    assure(
      owner !== undefined,
      "I4",
      () => `${entry.effect} in ${entry.environment} shows ${entry.fence}, which nobody was given.`,
    );
    if (entry.effect !== "start-version" || owner === undefined || !("id" in owner)) continue;
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
