import { canonical, type JsonValue } from "#core/audit/canonical.ts";
import { fakeDeployer, type FakeDeployer, type FakeOptions, type FakeProgram } from "#connectors/fake/deployer.ts";
import type { Document } from "#config/document.ts";
import type { DeploymentId } from "#core/id.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { rules } from "#core/policy/registry.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { sha256Of } from "#runtime/digest.ts";
import { newId } from "#runtime/ids.ts";
import { applyDocuments } from "#store/configuration.ts";
import { transaction } from "#store/sql.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Records, Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { metricSourcesOf, noSource } from "#usecases/criteria/sources.ts";
import { makeRequestDeployment } from "#usecases/release/request-deployment.ts";
import { makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { makeAbortDeployment } from "#usecases/rollout/abort-deployment.ts";
import { makeKeepSights } from "#usecases/rollout/keep-sights.ts";
import type { RolloutDeps } from "#usecases/rollout/change.ts";
import { makeDecideOnSessions } from "#usecases/rollout/decide-on-sessions.ts";
import { makeReleaseLeft } from "#usecases/rollout/release-left.ts";
import { makeRescueLost } from "#usecases/rollout/rescue-lost.ts";
import { startRunWith, takeBackWith, tellRunWith } from "#main/bind-operations.ts";
import { makeDecideHeld } from "#usecases/rollout/decide-held.ts";
import { makeDeploy } from "#workflows/deploy.ts";
import { makeTakeBack } from "#workflows/take-back.ts";
import { createMemoryEngine, type MemoryEngine } from "#workflows/engine/memory.ts";
import { documentsOf } from "#test/support/configuration.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { sweepViewsOf } from "#store/sweep-views.ts";
import { freshStore, type TestStore } from "#test/support/store.ts";

/** The real use cases, workflow and store on a clock that one sets, with a target in memory. */
export interface Plane {
  readonly store: TestStore;
  readonly clock: ManualClock;
  readonly target: FakeDeployer;
  readonly engine: MemoryEngine<Records>;
  readonly transact: Transact;
  readonly request: (service: string, key?: string) => Promise<DeploymentId>;
  readonly abort: Operations["abortDeployment"];
  readonly decideHeld: Operations["decideHeld"];
  readonly sweep: () => Promise<number>;
  readonly rescue: () => Promise<number>;
  readonly releaseLeft: () => Promise<number>;
  readonly decideOnSessions: ReturnType<typeof makeDecideOnSessions>;
}

export const digests = { former: `sha256:${"1".repeat(64)}`, next: `sha256:${"2".repeat(64)}` } as const;
const call = { actor: { person: "ann", account: "ann", method: "token" }, requestId: "req-test" } as const;

/** An organisation of `count` services `s0`, `s1` … in one environment without windows and routes. */
export function organisationOf(count: number): readonly Document[] {
  const services = Array.from(
    { length: count },
    (_, index) => `kind: Service\nmetadata: { name: s${index} }\nspec: { unit: retail, team: web, tier: 2 }`,
  );
  return documentsOf(
    [
      "kind: Unit\nmetadata: { name: retail }\nspec: {}",
      "kind: Team\nmetadata: { name: web }\nspec: { unit: retail }",
      "kind: Person\nmetadata: { name: ann }\nspec: { teams: [web], roles: [developer], accounts: [{ name: ann, kind: human }] }",
      ...services,
      "kind: Environment\nmetadata: { name: prod }\nspec: { zone: Europe/Berlin, windows: optional }",
      `kind: Strategy
metadata: { name: short }
spec:
  scope: {}
  stages:
    - { percent: 5, minSeconds: 5, maxSeconds: 60, minRequests: 5 }
    - { percent: 50, minSeconds: 5, maxSeconds: 60, minRequests: 50 }
    - { percent: 100, minSeconds: 5, maxSeconds: 60, minRequests: 100 }`,
    ].join("\n---\n"),
  );
}

export async function openStore(
  count: number,
  startAt: Temporal.Instant,
  documents = organisationOf(count),
): Promise<TestStore> {
  const store = await freshStore();
  await transaction(store.pool, (client) => applyDocuments(client, { documents, at: startAt, by: "ann" }));
  await store.transact(async (records) => {
    for (let index = 0; index < count; index++) {
      const service = `s${index}`;
      for (const [version, digest] of [
        ["1.0.0", digests.former],
        ["1.1.0", digests.next],
      ] as const) {
        await records.artifacts.register({ service, version, digest, registeredAt: startAt, author: null });
      }
      await records.inventory.record({
        service,
        environment: "prod",
        version: "1.0.0",
        digest: digests.former,
        at: startAt,
        deployment: null,
      });
    }
  });
  return store;
}

export function openPlane(
  store: TestStore,
  startAt: Temporal.Instant,
  services: readonly string[],
  { controls, ...options }: Pick<FakeOptions, "routing"> & Pick<FakeProgram, "controls"> = {},
): Plane {
  const clock = manualClock(startAt);
  const checks = [{ name: "answers", passed: true, detail: "" }];
  const target = fakeDeployer({
    ...options,
    now: clock.now,
    programs: services.flatMap((service) => [
      { service, version: "1.0.0", digest: digests.former, checks },
      { service, version: "1.1.0", digest: digests.next, checks, ...(controls === undefined ? {} : { controls }) },
    ]),
    live: services.map((service) => ({ environment: "prod", service, version: "1.0.0" })),
  });
  for (const service of services) target.setTraffic({ environment: "prod", service }, { perSecond: 200 });
  const after = new WeakMap<Records, (() => void)[]>();
  const transact: Transact = async (body) => {
    let effects: (() => void)[] = [];
    const value = await store.transact(async (records) => {
      effects = [];
      after.set(records, effects);
      return await body(records);
    });
    for (const effect of effects) effect();
    return value;
  };
  const engine = createMemoryEngine<Records>({
    clock,
    transact,
    afterCommit: (records, effect) => after.get(records)?.push(effect),
  });
  const deps = rolloutDeps(clock, transact, target);
  engine.register(makeDeploy(deps));
  engine.register(makeTakeBack(deps));
  const admitting: AdmitDeps = {
    ...deps,
    newDeploymentId: () => newId<"DeploymentId">("deployment"),
    newBookingId: () => newId<"BookingId">("booking"),
    startRun: startRunWith(engine.starter),
  };
  const tellRun = tellRunWith(engine.starter);
  const requestDeployment = makeRequestDeployment({ ...admitting, transact });
  return {
    store,
    clock,
    target,
    engine,
    transact,
    abort: makeAbortDeployment({ now: clock.now, transact, tellRun }),
    decideHeld: makeDecideHeld({ ...admitting, transact, tellRun }),
    releaseLeft: makeReleaseLeft({ now: clock.now, transact, deployer: target }),
    decideOnSessions: makeDecideOnSessions({ now: clock.now, transact }),
    rescue: makeRescueLost({
      now: clock.now,
      transact,
      underWay: sweepViewsOf(store.pool, createOrganisationCache()).underWay,
      ended: async (runs) =>
        new Set(runs.filter((run) => !["queued", "running"].includes(engine.inspect(run)?.status ?? "failed"))),
      takeBack: takeBackWith(engine.starter),
    }),
    sweep: makeResumeWaiting({
      ...admitting,
      transact,
      report: (_, error) => {
        throw error;
      },
    }),
    request: async (service, key) => {
      const asked = await requestDeployment(
        { service, version: "1.1.0", environment: "prod", class: "normal", whenBlocked: "wait" },
        { ...call, key: key ?? null },
      );
      if (!asked.ok) throw new Error(asked.error);
      return asked.value;
    },
  };
}

function rolloutDeps(clock: ManualClock, transact: Transact, deployer: FakeDeployer): RolloutDeps {
  return {
    now: clock.now,
    transact,
    judge: (facts) => evaluate(rules, facts, { hash: sha256Of, zoneData: "test" }),
    digestOf: (value) => {
      const copy: JsonValue = JSON.parse(JSON.stringify(value));
      return sha256Of(canonical(copy));
    },
    deployer,
    metrics: {
      sources: metricSourcesOf(deployer, transact, noSource("prometheus", "TIDEGATE_PROMETHEUS")),
      wallNow: clock.now,
    },
    keepSight: async (sight) => (await makeKeepSights(transact)([sight]))[0] ?? null,
    // Watching moves the clock by itself: a minute of canary takes no time at all.
    pause: async (milliseconds) => clock.advance(Temporal.Duration.from({ milliseconds })),
  };
}
