import assert from "node:assert/strict";
import { test } from "node:test";
import { presentForecast } from "#api/waves/present-waves.ts";
import { bindIntake } from "#main/bind-intake.ts";
import { callOf, openPlans, type PlanPlane } from "#test/plan/plane.ts";
import type { WaveQuestion } from "#usecases/waves/wave-operations.ts";

/* Waves of a release on PostgreSQL: when they would go, and that they go as they were planned (capability I3). */

const header = "apiVersion: tidegate.dev/v1\n";

const environment = (name: string, zone: string): string => `${header}kind: Environment
metadata: { name: ${name} }
spec: { zone: ${zone}, protected: true, windows: required }
---
`;

const window = (name: string, spec: string): string => `${header}kind: Window
metadata: { name: ${name} }
spec:
  scope: { environments: ["${name}-*"] }
${spec}
---
`;

const weekdays = (name: string, from: string, to: string): string =>
  window(name, `  zone: UTC\n  start: 2026-03-01T${from}\n  rrule: FREQ=DAILY\n  end: "${to}"`);

const plan = (name: string, more: string): string => `${header}kind: WavePlan
metadata: { name: ${name} }
spec:
  owner: checkout
  service: checkout-api
  soak: PT30M
${more}
---
`;

const emea = ["emea-1", "emea-2"];
const documents = [
  ...emea.map((name) => environment(name, "Europe/Berlin")),
  environment("apac-1", "Asia/Tokyo"),
  environment("amer-1", "America/New_York"),
  weekdays("emea", "12:00", "18:00"),
  weekdays("amer", "20:00", "23:00"),
  // Only once, far behind the others.
  window("apac", `  zone: UTC\n  start: 2026-11-04T02:00\n  end: 2026-11-04T08:00`),
  plan(
    "near",
    `  regions:
    - { name: emea, environments: [emea-1, emea-2] }
    - { name: amer, environments: [amer-1] }
  growth: [1]
  mixLimit: PT12H`,
  ),
  plan(
    "far",
    `  regions:
    - { name: amer, environments: [amer-1] }
    - { name: apac, environments: [apac-1] }
    - { name: emea, environments: [emea-1] }
  mixLimit: PT12H`,
  ),
].join("");

const asking = (name: string, given: Partial<WaveQuestion> = {}): WaveQuestion => ({
  plan: name,
  version: "1.1.0",
  risk: null,
  order: null,
  notBefore: null,
  ...given,
});

async function withPlane(body: (plane: PlanPlane) => Promise<void>): Promise<void> {
  await using plane = await openPlans(documents);
  await body(plane);
}

/** Every target reported well, now. */
async function report(plane: PlanPlane, status: "ok" | "degraded", environments: readonly string[]): Promise<void> {
  const intake = bindIntake(plane.store.pool, plane.transact, plane.clock.now, async () => undefined);
  for (const where of environments) {
    const record = {
      service: "checkout-api",
      environment: where,
      status,
      ref: null,
      source: "probe",
      at: plane.clock.now(),
    };
    const taken = await intake.submitReport({ kind: "signal", record }, callOf("olga"));
    assert.ok(taken.ok, JSON.stringify(taken));
  }
}

test("A forecast gives each target its own window, and one target before the others", () =>
  withPlane(async ({ waves }) => {
    const found = await waves.forecastWaves(asking("near"));
    assert.ok(found.ok);
    const { fits, waves: planned, headline, mix } = presentForecast(found.value, []);
    assert.equal(fits, true, headline);
    assert.deepEqual(
      planned.map(
        ({ region, targets }) =>
          `${region}: ${targets.map(({ environment: name, from }) => `${name} ${from}`).join(", ")}`,
      ),
      ["emea: emea-1 2026-11-02T12:00:00Z", "emea: emea-2 2026-11-02T13:00:00Z", "amer: amer-1 2026-11-02T20:00:00Z"],
    );
    assert.equal(mix, 8.5 * 3600);
    const first = planned.map(({ targets }) => targets[0]?.openings[0]?.from);
    assert.deepEqual(first, ["2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z", "2026-11-02T20:00:00Z"]);
  }));

test("Windows that lie too far apart are refused with an order that fits", () =>
  withPlane(async ({ waves }) => {
    const found = await waves.forecastWaves(asking("far"));
    assert.ok(found.ok);
    const { fits, offers, headline } = presentForecast(found.value, []);
    assert.equal(fits, false);
    assert.match(headline, /Old and new would run beside each other for .* In the order .* it fits/);
    const [best] = offers;
    assert.deepEqual(best?.order, ["emea", "amer", "apac"]);
    assert.ok(best.mix <= 12 * 3600);
    const started = await waves.startWaves({ ...asking("far"), reason: "Now.", owner: null }, callOf("olga"));
    assert.ok(!started.ok && typeof started.error === "object" && started.error.code === "does-not-fit");
    const inOrder = await waves.forecastWaves(asking("far", { order: best.order }));
    assert.ok(inOrder.ok && inOrder.value.outcome.kind === "fits", "the offer holds");
    const strange = await waves.forecastWaves(asking("far", { order: ["emea", "emea", "apac"] }));
    assert.deepEqual(!strange.ok && strange.error, "bad-order");
  }));

/** Begins the waves and lets the deployment of a target end. */
async function begin(plane: PlanPlane): Promise<string> {
  const started = await plane.waves.startWaves(
    { ...asking("near"), reason: "Round the world.", owner: null },
    callOf("olga"),
  );
  assert.ok(started.ok, JSON.stringify(started));
  assert.equal(started.value.newest, started.value.run.version, "the plan in force");
  return started.value.run.id;
}

async function end(plane: PlanPlane, id: string, step: string, state: "succeeded" | "failed"): Promise<void> {
  const { steps } = await plane.show(id);
  const found = steps.find(({ name }) => name === step);
  assert.ok(found?.deployment !== null && found?.deployment !== undefined, step);
  await plane.finish(found.deployment, state);
  await plane.look();
}

test("A wave begins when every target before it was well for its soak; a failing one stops the rest and takes back", () =>
  withPlane(async (plane) => {
    const { clock, look, marks, show } = plane;
    const id = await begin(plane);
    assert.deepEqual(await marks(id), ["forward/deploy-emea-1 running"]);
    await report(plane, "ok", ["emea-1", "emea-2"]);
    await end(plane, id, "deploy-emea-1", "succeeded");
    assert.deepEqual(await marks(id), ["forward/deploy-emea-1 done", "forward/soak-emea-1 running"]);
    clock.advance(Temporal.Duration.from({ minutes: 29 }));
    await look();
    assert.equal((await marks(id)).length, 2, "it has not soaked");
    clock.advance(Temporal.Duration.from({ minutes: 1 }));
    await look();
    assert.deepEqual((await marks(id)).slice(1), ["forward/soak-emea-1 done", "forward/deploy-emea-2 running"]);
    await end(plane, id, "deploy-emea-2", "succeeded");
    await report(plane, "degraded", ["emea-2"]);
    await look();
    const failed = await show(id);
    assert.equal(failed.steps.find(({ name }) => name === "soak-emea-2")?.state, "failed");
    assert.match(failed.steps.find(({ name }) => name === "soak-emea-2")?.outcome ?? "", /is degraded in emea-2/);
    const begun = failed.steps.map(({ part, name }) => `${part}/${name}`);
    assert.ok(!begun.includes("forward/deploy-amer-1"), "the next region never begins");
    assert.ok(begun.includes("rollback/back-emea-1") && begun.includes("rollback/back-emea-2"), begun.join(" "));
  }));

test("A soak of which nobody says how it goes is no health: the run turns back at its end", () =>
  withPlane(async (plane) => {
    const id = await begin(plane);
    await end(plane, id, "deploy-emea-1", "succeeded");
    const waiting = (await plane.show(id)).steps.find(({ name }) => name === "soak-emea-1");
    assert.deepEqual(waiting?.notes?.waits?.because, ["Nobody reports how checkout-api is in emea-1."]);
    plane.clock.advance(Temporal.Duration.from({ minutes: 40 }));
    await plane.look();
    const soak = (await plane.show(id)).steps.find(({ name }) => name === "soak-emea-1");
    assert.equal(soak?.state, "refused");
  }));
