import { fakeCommander, type FakeCommand, type FakeCommander } from "#connectors/fake/commander.ts";
import { fakeDeployer, type FakeDeployer } from "#connectors/fake/deployer.ts";
import { fakeFlags, type FakeFlags } from "#connectors/fake/flags.ts";
import { admitDeps } from "#main/bind-operations.ts";
import { bindRollback } from "#main/bind-rollback.ts";
import { bindPlans } from "#main/bind-plans.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import type { RunView } from "#usecases/plan/plan-operations.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { Records } from "#usecases/records.ts";
import { metricSourcesOf, noSource } from "#usecases/criteria/sources.ts";
import { makeActOut } from "#workflows/act-out.ts";
import type { Flow } from "#workflows/flow.ts";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";

export const target = { environment: "prod", service: "checkout-api" } as const;

const digestOf = (version: string): string => `sha256:${version.replaceAll(".", "").padEnd(64, "a")}`;

/** A plane whose steps act at fake targets; what is carried out, and when, the test says. */
export interface ActPlane extends Omit<PlanPlane, "start"> {
  readonly target: FakeDeployer;
  readonly commander: FakeCommander;
  readonly flags: FakeFlags;
  /** Acts that steps have asked for and that nobody has carried out. */
  readonly open: readonly StepKey[];
  /** Carries out every open act to its end, and what follows from it; returns how they ended. */
  readonly carryOut: () => Promise<readonly string[]>;
  /** Carries out the next act and leaves the rest. */
  /** `meanwhile`: between what was prepared and the first attempt. */
  readonly carryOutNext: (meanwhile?: () => Promise<void>) => Promise<string>;
  readonly start: (runbook: string) => Promise<RunView>;
  readonly rollback: RollbackOperations;
}

export async function openActs(
  documents: string,
  commands: Readonly<Record<string, FakeCommand>> = {},
  manner: Parameters<typeof fakeFlags>[1] = {},
): Promise<ActPlane> {
  const plane = await openPlans(documents);
  const { clock, transact, store } = plane;
  const deployer = fakeDeployer({
    now: clock.now,
    programs: ["1.0.0", "1.1.0"].map((version) => ({ service: target.service, version, digest: digestOf(version) })),
    live: [{ ...target, version: "1.0.0" }],
    pause: async () => undefined,
  });
  const commander = fakeCommander(commands);
  await transact((records) =>
    records.inventory.record({
      ...target,
      version: "1.0.0",
      digest: digestOf("1.0.0"),
      at: clock.now(),
      deployment: null,
    }),
  );
  const open: StepKey[] = [];
  const deps = {
    ...admitDeps(clock.now, async (_records, { id }) => `${id}:run`),
    tellRun: async (): Promise<void> => undefined,
    startCall: async (_records: Records, step: StepKey): Promise<void> => void open.push(step),
  };
  const plans = bindPlans(store.pool, transact, deps);
  // Half a second of watching is half a second of the domain clock; commands get along with less.
  const pause = async (milliseconds: number): Promise<void> => clock.advance(Temporal.Duration.from({ milliseconds }));
  const flags = fakeFlags(new Map([["default/new-cart/prod", false]]), manner);
  const sources = metricSourcesOf(deployer, transact, noSource("prometheus", "TIDEGATE_PROMETHEUS"));
  const metrics = { sources, wallNow: clock.now };
  const actOut = makeActOut({ ...deps, transact, deployer, commander, flags, metrics, pause });
  const flow: Flow<Records> = {
    id: "test",
    step: async (_name, body, retry) => {
      await between?.();
      return await repeat(() => body("unused"), retry?.maxAttempts ?? 1);
    },
    tx: (_name, body) => transact(body),
    wait: () => Promise.reject(new Error("an act waits for nobody")),
    sleep: () => Promise.reject(new Error("an act does not sleep")),
    run: () => Promise.reject(new Error("an act has no children")),
  };
  let between: (() => Promise<void>) | undefined;
  const carryOutNext = async (meanwhile?: () => Promise<void>): Promise<string> => {
    between = meanwhile;
    const next = open.shift();
    return next === undefined ? "nothing" : `${next.part}/${next.name} ${await actOut.body(flow, next)}`;
  };
  return {
    ...plane,
    plans,
    target: deployer,
    commander,
    flags,
    open,
    rollback: bindRollback(transact, deps),
    carryOutNext,
    carryOut: async () => {
      const ended: string[] = [];
      while (open.length > 0) ended.push(await carryOutNext());
      return ended;
    },
    start: async (runbook) => {
      const input = { runbook, reason: "It is planned.", owner: null, urgent: false };
      const started = await plans.startRun(input, callOf("olga"));
      if (!started.ok) throw new Error(JSON.stringify(started.error));
      return started.value;
    },
    look: async () => {
      const known = plane.calls.length;
      const looked = await plane.look();
      // What a look has begun is carried out like everything else.
      open.push(...plane.calls.slice(known));
      return looked;
    },
  };
}

async function repeat<T>(body: () => Promise<T>, attempts: number): Promise<T> {
  for (let nth = 1; ; nth += 1) {
    try {
      return await body();
    } catch (error) {
      if (nth >= attempts) throw error;
    }
  }
}
