import type { DeploymentId } from "#core/id.ts";
import { bindOperations, admitDeps } from "#main/bind-operations.ts";
import { bindPlans } from "#main/bind-plans.ts";
import { bindWaves } from "#main/bind-waves.ts";
import { bindRecords } from "#main/bind-records.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { applyDocuments } from "#store/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { isStoreAway, isTransient, transaction } from "#store/sql.ts";
import type { Call, Operations } from "#usecases/operations.ts";
import type { PlanOperations, RunView } from "#usecases/plan/plan-operations.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import { makeLookAtRuns } from "#usecases/plan/look-at-runs.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Transact } from "#usecases/records.ts";
import type { WaveOperations } from "#usecases/waves/wave-operations.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import { freshStore, noon, type TestStore } from "#test/support/store.ts";

export const callOf = (person: string, key: string | null = null): Call => ({
  actor: { person, account: `${person}-bot`, method: "token" },
  requestId: "req-test",
  key,
});

/** Runs of plans as the server binds them, on PostgreSQL and a clock that one sets; turns are taken when a test says so. */
export interface PlanPlane {
  readonly store: TestStore;
  readonly clock: ManualClock;
  readonly transact: Transact;
  readonly deps: PlanDeps;
  readonly plans: PlanOperations & StepOperations;
  readonly waves: WaveOperations;
  readonly operations: Operations;
  /** Calls that steps have asked for. */
  readonly calls: readonly StepKey[];
  /** The answer of the system that a call went to. */
  readonly answer: (step: StepKey, state: "done" | "failed") => Promise<boolean>;
  readonly look: () => Promise<number>;
  readonly start: (runbook: string, urgent?: boolean) => Promise<RunView>;
  readonly show: (id: string) => Promise<RunView>;
  /** `part/name state` of what has begun. */
  readonly marks: (id: string) => Promise<readonly string[]>;
  /** What the worker does with a deployment, in one stroke. */
  readonly finish: (deployment: DeploymentId, state: "succeeded" | "failed" | "needs-human") => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const planPeople = `apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: olga }
spec: { teams: [checkout], roles: [operator], accounts: [{ name: olga, kind: human }, { name: olga-bot, kind: bot }] }
---
apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: carl }
spec: { teams: [checkout], roles: [compliance], accounts: [{ name: carl, kind: human }] }
---
`;

/** Plans whose calls go to a registered address. */
export async function openCalls(documents: string): Promise<PlanPlane> {
  const plane = await openPlans(documents);
  await plane.store.pool.query(
    "insert into callback_endpoint (id, name, url, secret, created_by, created_at) values ('cbk_1', 'ops', 'https://ops.example/', 'whsec_x', 'olga', now())",
  );
  return plane;
}

export async function openPlans(documents: string): Promise<PlanPlane> {
  const store = await freshStore();
  const { transact, withRuns } = bindRecords(store.pool, { organisations: createOrganisationCache() });
  const clock = manualClock(noon);
  const all = [...shop.filter(({ kind }) => kind !== "ApprovalRoute"), ...documentsOf(planPeople + documents)];
  await transaction(store.pool, (client) => applyDocuments(client, { documents: all, at: clock.now(), by: "olga" }));
  for (const version of ["1.0.0", "1.1.0"]) {
    const artifact = {
      service: "checkout-api",
      version,
      digest: `sha256:${version.replaceAll(".", "").padEnd(64, "a")}`,
    };
    await transact((records) => records.artifacts.register({ ...artifact, author: null, registeredAt: noon }));
  }
  const calls: StepKey[] = [];
  const admitting = admitDeps(clock.now, async (_records, { id }) => `${id}:run`);
  const tellRun = async (): Promise<void> => undefined;
  const startCall = async (_records: unknown, step: StepKey): Promise<void> => void calls.push(step);
  const deps = { ...admitting, tellRun, startCall };
  const plans = bindPlans(store.pool, transact, deps);
  const show = async (id: string): Promise<RunView> => {
    const found = await plans.showRun(id);
    if (found === null) throw new Error(`there is no run ${id}`);
    return found;
  };
  return {
    store,
    clock,
    transact,
    deps,
    plans,
    waves: bindWaves(transact, deps),
    operations: bindOperations(transact, admitting, tellRun),
    calls,
    answer: (step, state) =>
      transact(async (records) => {
        const run = await records.runs.findForUpdate(step.run);
        return (
          run?.endedAt === null && (await answerStep(deps, records, run, step, { state, outcome: `It was ${state}.` }))
        );
      }),
    look: makeLookAtRuns({
      ...deps,
      transact,
      withRuns,
      transient: { is: isTransient, isLoss: isStoreAway },
      report: (_run, error) => {
        throw error;
      },
    }),
    start: async (runbook, urgent = false) => {
      const started = await plans.startRun({ runbook, reason: "It is planned.", owner: null, urgent }, callOf("olga"));
      if (!started.ok) throw new Error(JSON.stringify(started.error));
      return started.value;
    },
    show,
    marks: async (id) => (await show(id)).steps.map(({ part, name, state }) => `${part}/${name} ${state}`),
    finish: (deployment, state) =>
      transact(async (records) => {
        const found = await records.deployments.findForUpdate(deployment);
        if (found === null) throw new Error("no such deployment");
        const { id } = found;
        const at = clock.now();
        if (found.state === "waiting") await records.deployments.move(id, "waiting", "queued", { nextCheckAt: null });
        await records.deployments.move(id, "queued", "running", { startedAt: at, fence: 1, control: "1.0.0" });
        await records.deployments.move(id, "running", state, { endedAt: at, outcome: `It ${state}.` });
        const { subject, digest } = found;
        if (state === "succeeded") await records.inventory.record({ ...subject, digest, at, deployment: id });
      }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
