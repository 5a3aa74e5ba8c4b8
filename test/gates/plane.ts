import assert from "node:assert/strict";
import type { DeploymentId } from "#core/id.ts";
import type { Document } from "#config/document.ts";
import { err, ok } from "#core/result.ts";
import { bindGates, bindHooks, gateTurns } from "#main/bind-gates.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { admitDeps, isGateRun } from "#main/bind-operations.ts";
import { bindRecords } from "#main/bind-records.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { createLog } from "#runtime/log.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache, type OrganisationCache } from "#store/organisation.ts";
import { transaction } from "#store/sql.ts";
import type { Call } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";
import type { AskedGate, AskGateInput, GateOperations, Redeemed } from "#usecases/release/gate-types.ts";
import type { HookOperations } from "#usecases/release/hook-types.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import { makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import { at, freshStore, type TestStore } from "#test/support/store.ts";

/** The sample shop without its approval route: noon lies in the window of prod, and nothing else stands in the way. */
export const open: readonly Document[] = [
  ...shop.filter(({ kind }) => kind !== "ApprovalRoute"),
  ...documentsOf(`apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: olga }
spec: { teams: [checkout], roles: [operator], accounts: [{ name: olga, kind: human }, { name: olga-ci, kind: bot }] }`),
];

export const night = at("2026-11-02T20:00:00Z");
/** The next day's window opens at 08:00 in Berlin. */
export const morning = at("2026-11-03T07:00:00Z");
export const noon = at("2026-11-02T12:00:00Z");
export const digest = `sha256:${"d".repeat(64)}`;

/** Gates as the server binds them, on PostgreSQL and a clock that one sets; turns are taken when a test says so. */
export interface GatePlane {
  readonly store: TestStore;
  readonly organisations: OrganisationCache;
  readonly transact: Transact;
  readonly clock: ManualClock;
  readonly gates: GateOperations;
  readonly hooks: HookOperations;
  readonly intake: IntakeOperations;
  readonly turns: ReturnType<typeof gateTurns>;
  readonly sweep: () => Promise<number>;
  readonly apply: (documents: readonly Document[]) => Promise<void>;
  readonly ask: (more?: Partial<AskGateInput>, call?: Call) => Promise<AskedGate>;
  readonly redeem: (asked: AskedGate, call?: Call) => ReturnType<GateOperations["redeem"]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const callOf = (person: string, account = `${person}-bot`): Call => ({
  actor: { person, account, method: "token" },
  requestId: "req-test",
});

const question: AskGateInput = {
  service: "checkout-api",
  version: "1.0.0",
  digest: null,
  environment: "prod",
  class: "normal",
  action: "deploy",
  whenDenied: "end",
  externalRun: "jenkins:cart/42",
  externalUrl: null,
  key: null,
  callbackUrl: null,
  whenOver: "show",
};

export async function openGates(
  settings: {
    readonly documents?: readonly Document[];
    readonly callbackAllow?: readonly string[];
    /** In the place of the clock that stands still. */
    readonly now?: () => Temporal.Instant;
  } = {},
): Promise<GatePlane> {
  const store = await freshStore(20);
  const organisations = createOrganisationCache();
  const { transact } = bindRecords(store.pool, { organisations });
  const manual = manualClock(noon);
  const clock = { ...manual, now: settings.now ?? manual.now };
  const apply = async (documents: readonly Document[]): Promise<void> => {
    await transaction(store.pool, (client) => applyDocuments(client, { documents, at: clock.now(), by: "olga" }));
  };
  await apply(settings.documents ?? open);
  for (const version of ["1.0.0", "1.1.0"]) {
    const artifact = { service: "checkout-api", version, digest, author: null, registeredAt: noon };
    await transact((records) => records.artifacts.register(artifact));
  }
  const admitting = admitDeps(clock.now, async (_records, { run }) => {
    assert.ok(isGateRun(run));
    return run;
  });
  const parts = { pool: store.pool, transact, now: clock.now, views: store.views };
  const gates = bindGates(store.pool, transact, admitting);
  const report = (_: DeploymentId, error: unknown): never => {
    throw error;
  };
  return {
    store,
    organisations,
    transact,
    clock,
    gates,
    hooks: bindHooks(parts),
    intake: bindIntake(store.pool, transact, clock.now, async () => undefined),
    turns: gateTurns({
      ...parts,
      admitting,
      settings: { callbackAllow: settings.callbackAllow ?? [], gitHub: null },
      log: createLog({ level: "silent" }),
    }),
    sweep: makeResumeWaiting({ ...admitting, transact, report }),
    apply,
    ask: async (more = {}, call = callOf("alice")) => {
      const asked = await gates.ask({ ...question, ...more }, call);
      if (!asked.ok) throw new Error(asked.error);
      return asked.value;
    },
    redeem: ({ view, token }, call = callOf("alice")) =>
      gates.redeem(
        {
          id: view.gate.id,
          token: token?.text ?? "",
          service: view.deployment.subject.service,
          digest: view.deployment.digest,
          environment: view.deployment.subject.environment,
          action: view.deployment.subject.action,
        },
        call,
      ),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** What was redeemed, or the reason as an error of the test. */
export function redeemed(outcome: Awaited<ReturnType<GateOperations["redeem"]>>): Redeemed {
  if (outcome.ok) return outcome.value;
  throw new Error(JSON.stringify(outcome.error));
}

export function codeOf(outcome: Awaited<ReturnType<GateOperations["redeem"]>>): string {
  return outcome.ok ? "redeemed" : outcome.error.code;
}

/** An `observe` that shows what a test says. */
export function shows(versions: () => readonly { version: string; digest: string; percent: number }[] | null) {
  return async () => {
    const seen = versions();
    if (seen === null) return err({ code: "unreachable", message: "away", retry: "later" as const });
    return ok({ versions: seen.map((each) => ({ ...each, state: "ready" as const })), observedAt: noon.toString() });
  };
}
