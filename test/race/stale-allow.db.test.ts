import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Document } from "#config/document.ts";
import type { Subject } from "#core/policy/facts.ts";
import { judge } from "#main/bind-operations.ts";
import { bindQuestions } from "#main/bind-questions.ts";
import { openFactMemory } from "#main/fact-memory.ts";
import { createLog } from "#runtime/log.ts";
import { makeAskVerdict } from "#usecases/policy/ask-verdict.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { callOf, codeOf, noon, open, openGates, type GatePlane } from "#test/gates/plane.ts";

/*
 * A freeze, a hold or a stop that is acknowledged is never followed by a stale allow: of everything that is asked after
 * the acknowledgement, nothing is allowed. Freezers and askers run against each other on one database; a question counts
 * as a try when it began after an acknowledgement and before the way was opened again.
 */
const tries = Number(process.env["TIDEGATE_RACE_TRIES"] ?? 12_000);
const redemptions = Number(process.env["TIDEGATE_RACE_REDEMPTIONS"] ?? 60);

/** A clock that runs: what is declared later has a later instant. */
function runningClock(): () => Temporal.Instant {
  const startedMs = performance.now();
  return () => noon.add({ nanoseconds: Math.round((performance.now() - startedMs) * 1e6) });
}

const subject: Subject = {
  service: "checkout-api",
  version: "1.0.0",
  environment: "prod",
  action: "deploy",
  class: "normal",
  invoker: "automation",
  requestedBy: "alice",
  contentDigest: null,
  onBehalfOf: null,
};

const frozen: readonly Document[] = [
  ...open,
  ...documentsOf(`apiVersion: tidegate.dev/v1
kind: Freeze
metadata: { name: incident }
spec: { scope: { environments: ["prod"] }, strength: hard, zone: UTC, start: 2026-11-01T00:00, end: 2026-11-05T00:00, owner: checkout, reason: An incident. }`),
];

/** One way to close production; the answer opens it again. */
type Close = (plane: GatePlane) => Promise<() => Promise<void>>;

const ways: Readonly<Record<string, Close>> = {
  freeze: async (plane) => {
    await plane.apply(frozen);
    return () => plane.apply(open);
  },
  hold: async ({ intake }) => {
    const scope = { environments: ["prod"] };
    const placed = await intake.placeHold({ scope, reason: "A.", until: null, liftedBy: null }, callOf("olga", "olga"));
    if (!placed.ok) throw new Error(placed.error);
    const { id } = placed.value.hold;
    return async () => assert.ok((await intake.liftHold({ id, reason: "B." }, callOf("olga", "olga"))).ok);
  },
  stop: async ({ intake }) => {
    const placed = await intake.stop({ reason: "A.", until: null, allowsRollBack: true }, callOf("olga", "olga"));
    if (!placed.ok) throw new Error(placed.error);
    const { id } = placed.value.stop;
    return async () => assert.ok((await intake.resume({ id, reason: "B." }, callOf("olga", "olga"))).ok);
  },
};

/** Asks in the phase that it finds; a question counts when the phase is the same closed one at its begin and its end. */
async function keepAsking(
  ask: () => Promise<string>,
  phase: { readonly number: number; readonly closed: boolean; over: boolean },
  count: { tries: number; allowed: number; stale: number },
): Promise<void> {
  while (!phase.over) {
    const { number, closed } = phase;
    const decision = await ask();
    if (decision === "allow") count.allowed++;
    if (!closed || phase.number !== number) continue;
    count.tries++;
    if (decision === "allow") count.stale++;
  }
}

/** Tries of one closed phase before it opens again: of very many, so that there are some hundred phases at most. */
const perPhase = Math.max(100, Math.ceil(tries / 250));
/** Enough for two full batches under way; each of the others is a transaction of its own. */
const askersOfMemory = 48;
const askersOfStore = 2;

test(`of ${tries} questions asked after an acknowledged freeze, hold or stop none is allowed`, async () => {
  const now = runningClock();
  await using plane = await openGates({ now });
  const { pool } = plane.store;
  const log = createLog({ level: "silent" });
  const memory = openFactMemory({ pool, organisations: plane.organisations, now, log, canGoBack: false });
  await memory.refresh();
  const answerNow = bindQuestions({ pool, memory, now, judge });
  const call = callOf("alice");
  const askVerdict = makeAskVerdict({ now, transact: plane.transact, judge, answerNow: () => null });
  const fromStore = async (): Promise<string> => (await askVerdict({ subject, at: null }, call)).decision;
  const fromMemory = async (): Promise<string> => {
    const verdict = await answerNow()?.({ subject, ...call });
    // Behind: the product asks the database then.
    return verdict?.decision ?? (await fromStore());
  };
  const phase = { number: 0, closed: false, over: false };
  const count = { tries: 0, allowed: 0, stale: 0 };
  const askers = [
    ...Array.from({ length: askersOfMemory }, () => keepAsking(fromMemory, phase, count)),
    ...Array.from({ length: askersOfStore }, () => keepAsking(fromStore, phase, count)),
  ];
  const closes = Object.values(ways);
  try {
    for (let round = 0; count.tries < tries; round++) {
      const reopen = await closes[round % closes.length]?.(plane);
      phase.number++;
      phase.closed = true;
      const enough = Math.min(tries, count.tries + perPhase);
      while (count.tries < enough && count.stale === 0) await delay(2);
      phase.number++;
      phase.closed = false;
      await reopen?.();
      assert.equal(count.stale, 0, `round ${round}`);
    }
  } finally {
    phase.over = true;
    await Promise.all(askers);
    await memory.stop();
  }
  assert.ok(count.allowed > 0, "something was allowed in between, so the race was one");
});

test(`of ${redemptions} tokens redeemed while production is closed none starts after the acknowledgement`, async () => {
  const now = runningClock();
  await using plane = await openGates({ now });
  const closes = Object.values(ways);
  let started = 0;
  let refused = 0;
  for (let round = 0; round < redemptions; round++) {
    const asked = await plane.ask({ externalRun: `jenkins:cart/${round}` });
    assert.ok(asked.token !== null, `round ${round}`);
    let acknowledged = false;
    const closing = (closes[round % closes.length] ?? (() => Promise.reject(new Error("no way"))))(plane).then(
      (reopen) => {
        acknowledged = true;
        return reopen;
      },
    );
    // A third begin with the declaration, a third while it is under way, a third after it.
    if (round % 9 >= 6) await closing;
    else if (round % 9 >= 3) await delay(2);
    const isLate = acknowledged;
    const outcome = await plane.redeem(asked);
    if (isLate) assert.equal(codeOf(outcome), "not-allowed", `round ${round}`);
    const reopen = await closing;
    if (outcome.ok) started++;
    else refused++;
    await reopen();
    await endRound(plane, asked.view.gate.id, outcome);
  }
  assert.ok(started > 0 && refused > 0, `${started} started, ${refused} were refused`);
});

/** Leaves the place as it was, so that the next round asks anew. */
async function endRound(
  plane: GatePlane,
  id: string,
  outcome: Awaited<ReturnType<GatePlane["redeem"]>>,
): Promise<void> {
  if (!outcome.ok) {
    const cancelled = await plane.gates.cancel({ id, reason: "Next." }, callOf("alice"));
    assert.ok(cancelled.ok || cancelled.error === "already-ended");
    return;
  }
  const result = { outcome: "failed", live: null } as const;
  assert.ok((await plane.gates.report({ id, lease: outcome.value.lease, result }, callOf("alice"))).ok);
}
