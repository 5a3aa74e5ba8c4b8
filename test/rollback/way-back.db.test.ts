import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeCommand } from "#connectors/fake/commander.ts";
import type { DeploymentId } from "#core/id.ts";
import type { Facts } from "#core/policy/facts.ts";
import { rollbackTime } from "#core/rollback/plan.ts";
import { newestRehearsal } from "#core/rollback/rehearsal.ts";
import { makeAdvanceDecisions } from "#usecases/rollback/advance-decisions.ts";
import { makeListLiveAsks } from "#usecases/rollout/live-asks.ts";
import { openActs, target, type ActPlane } from "#test/plan/act-plane.ts";
import { callOf } from "#test/plan/plane.ts";

const documents = `apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: finn }
spec: { teams: [checkout], roles: [viewer], accounts: [{ name: finn, kind: human }] }
---
apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: gina }
spec: { teams: [checkout], roles: [viewer], accounts: [{ name: gina, kind: human }] }
---
apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: vera }
spec: { teams: [], roles: [viewer], accounts: [{ name: vera, kind: human }] }
---
apiVersion: tidegate.dev/v1
kind: Person
metadata: { name: omar }
spec: { teams: [checkout], roles: [viewer, auditor], accounts: [{ name: omar, kind: human }] }
---
apiVersion: tidegate.dev/v1
kind: Rollback
metadata: { name: checkout-api }
spec:
  service: checkout-api
  triggers: [More than 2 % of the orders fail.]
  steps: [All traffic goes back., The scripts are taken back.]
  expected: PT20M
  pointOfNoReturn: { percent: 100, why: The billing has read it., whenSilent: go-back }
  rehearsal: { environment: prod, data: [{ database: orders, tables: [orders, order_line] }], migrates: [orders], flags: [{ project: default, flag: new-cart, on: true }] }
  decision:
    decider: olga
    deputy: carl
    within: PT10M
    tell: [compliance]
    downtime: PT25M
    stakeholders: [{ who: finn, deputy: gina }]
`;

const hash = (letter: string): string => `sha256:${letter.repeat(64)}`;
const rows = (orders: string, parts: string): string =>
  `data orders ${hash(orders)} 12\ndata order_line ${hash(parts)} 40\n`;

async function withPlane(
  commands: Record<string, FakeCommand>,
  body: (plane: ActPlane) => Promise<void>,
): Promise<void> {
  await using plane = await openActs(documents, commands);
  await body(plane);
}

const printing = (output: string): FakeCommand => ({ ends: "done", output });

/** Every act of the run, and what follows, until it ends. */
async function playRun(plane: ActPlane, run: string, before?: (open: string) => void): Promise<readonly string[]> {
  for (let turn = 0; turn < 40; turn += 1) {
    const [next] = plane.open;
    if (next !== undefined) before?.(`${next.part}/${next.name}`);
    await plane.carryOutNext();
    plane.clock.advance(Temporal.Duration.from({ seconds: 2 }));
    await plane.look();
    const view = await plane.show(run);
    if (view.run.endedAt !== null) return view.steps.map(({ part, name, state }) => `${part}/${name} ${state}`);
  }
  throw new Error((await plane.marks(run)).join("\n"));
}

async function rehearse(plane: ActPlane): Promise<string> {
  const asked = { service: "checkout-api", version: "1.1.0", reason: "Before Friday." };
  const started = await plane.rollback.rehearse(asked, callOf("olga"));
  assert.ok(started.ok, JSON.stringify(started));
  return started.value;
}

test("A rehearsal goes there and back by the steps of a rollout, compares the rows, and its time is evidence", () => {
  const commands: Record<string, FakeCommand> = { data: printing(rows("a", "b")), migration: { ends: "done" } };
  return withPlane(commands, async (plane) => {
    const run = await rehearse(plane);
    const marks = await playRun(plane, run);
    assert.deepEqual(marks, [
      "forward/data orders done",
      "forward/migrate orders done",
      "forward/flag default/new-cart done",
      "forward/start done",
      "forward/smoke done",
      "forward/shift done",
      "forward/turn done",
      "undo/shift done",
      "undo/start done",
      "undo/flag default/new-cart done",
      "undo/migrate orders done",
      "rollback/data orders done",
      "rollback/judge done",
    ]);
    const [found] = await plane.rollback.listRehearsals("checkout-api");
    assert.equal(found?.outcome, "pass");
    assert.deepEqual([found.former, found.version, found.differing], ["1.0.0", "1.1.0", []]);
    assert.deepEqual(found.compared, ["orders.order_line", "orders.orders"]);
    assert.ok(found.seconds > 0, String(found.seconds));
    const flag = await plane.flags.read({ project: "default", flag: "new-cart", environment: "prod" });
    assert.ok(flag.ok && !flag.value.isOn, "it is what it was before");
    assert.equal(plane.target.truth(target).find(({ version }) => version === "1.0.0")?.percent, 100);
    const { rows: stored } = await plane.store.pool.query("select kind, outcome from report where digest is not null");
    assert.equal(stored.length, 1);
  });
});

test("Rows that are not what they were before fail the rehearsal, and name the table", () => {
  const commands: Record<string, FakeCommand> = { data: printing(rows("a", "b")), migration: { ends: "done" } };
  return withPlane(commands, async (plane) => {
    const run = await rehearse(plane);
    const marks = await playRun(plane, run, (open) => {
      if (open.startsWith("rollback/")) commands["data"] = printing(rows("a", "c"));
    });
    assert.equal(marks.at(-1), "rollback/judge failed");
    const [found] = await plane.rollback.listRehearsals("checkout-api");
    assert.deepEqual([found?.outcome, found?.differing], ["fail", ["orders.order_line"]]);
    assert.equal((await plane.show(run)).run.state, "needs-human");
  });
});

const digest = `sha256:${"110".padEnd(64, "a")}`;

async function factsNow({ store, clock }: ActPlane): Promise<Facts> {
  const subject = {
    service: "checkout-api",
    version: "1.1.0",
    environment: "prod",
    action: "deploy",
    class: "normal",
  } as const;
  const asked = { ...subject, invoker: "person", requestedBy: "olga", contentDigest: null, onBehalfOf: null } as const;
  return store.transact((records) => records.facts.load(asked, clock.now(), clock.now().add({ hours: 48 })));
}

test("A rehearsal that breaks off has failed, with the reason, and an older one that passed counts no longer", () => {
  const commands: Record<string, FakeCommand> = { data: printing(rows("a", "b")), migration: { ends: "done" } };
  return withPlane(commands, async (plane) => {
    await playRun(plane, await rehearse(plane));
    const { evidence } = await factsNow(plane);
    assert.equal(newestRehearsal({ evidence, digest, former: "1.0.0" })?.outcome, "pass");

    commands["migration"] = { ends: "failed" };
    const run = await rehearse(plane);
    await playRun(plane, run);
    const [broken] = await plane.rollback.listRehearsals("checkout-api");
    assert.deepEqual([broken?.run, broken?.outcome, broken?.compared], [run, "fail", []]);
    assert.match(broken?.reason ?? "", /migrate orders failed/);
    const after = await factsNow(plane);
    const newest = newestRehearsal({ evidence: after.evidence, digest, former: "1.0.0" });
    assert.deepEqual([newest?.outcome, newest?.value, newest?.ref], ["fail", null, run]);
    assert.equal(rollbackTime({ plan: null, expected: null, evidence: after.evidence, digest, former: "1.0.0" }), null);

    // Nobody carries out what it asks for: no worker lives, or its target is away.
    commands["migration"] = { ends: "done" };
    const silent = await rehearse(plane);
    for (let looks = 0; looks < 40 && (await plane.show(silent)).run.endedAt === null; looks += 1) {
      plane.clock.advance(Temporal.Duration.from({ minutes: 20 }));
      await plane.look();
    }
    const [late] = await plane.rollback.listRehearsals("checkout-api");
    assert.deepEqual([late?.run, late?.outcome], [silent, "fail"]);
    assert.ok((late?.reason ?? "").length > 0);
  });
});

test("A version that is live where it would be rehearsed has no way back to itself", () =>
  withPlane({}, async ({ rollback }) => {
    const asked = { service: "checkout-api", version: "1.0.0", reason: "x" };
    assert.deepEqual(await rollback.rehearse(asked, callOf("olga")), { ok: false, error: "already-there" });
  }));

async function liveWith(plane: ActPlane): Promise<DeploymentId> {
  const wish = { service: "checkout-api", version: "1.1.0", environment: "prod", class: "normal" } as const;
  const asked = await plane.operations.requestDeployment({ ...wish, whenBlocked: "wait" }, callOf("olga"));
  assert.ok(asked.ok, JSON.stringify(asked));
  await plane.finish(asked.value, "succeeded");
  return asked.value;
}

async function lines({ store }: ActPlane, deployment: string): Promise<readonly string[]> {
  const { rows: found } = await store.pool.query<{ sentence: string }>(
    "select sentence from timeline_event where deployment_id = $1 order by at",
    [deployment],
  );
  return found.map(({ sentence }) => sentence);
}

test("Who may decide and whose word is waited for have it in their inbox, until it is said or decided", () =>
  withPlane({}, async (plane) => {
    const { clock, rollback, transact, deps } = plane;
    const listAsks = makeListLiveAsks({ now: deps.now, transact });
    const asked = async (): Promise<readonly string[]> => {
      const { people } = await transact((records) => records.catalog.inForce());
      const found: string[] = [];
      for (const person of [...people.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        for (const { kind } of await listAsks(person)) found.push(`${person.name} ${kind}`);
      }
      return found;
    };
    const id = await liveWith(plane);
    assert.deepEqual(await asked(), []);
    assert.ok((await rollback.askDecision({ deployment: id, because: "2.5 % fail." }, callOf("olga"))).ok);
    assert.deepEqual(await asked(), ["finn answer", "olga decide"], "the deputy has no right to decide");
    clock.advance(Temporal.Duration.from({ minutes: 5 }));
    assert.deepEqual(await asked(), ["finn answer", "gina answer", "olga decide"]);
    assert.ok((await rollback.sayOnDecision({ deployment: id, text: "Wait.", option: null }, callOf("gina"))).ok);
    assert.deepEqual(await asked(), ["olga decide"]);
    const [ask] = await listAsks(
      (await transact((records) => records.catalog.inForce())).people.get("olga") ?? never(),
    );
    assert.equal(ask?.sentence, "checkout-api@1.1.0 in prod: 2.5 % fail. Decide, or it goes back by itself.");
    assert.equal(ask.until?.toString(), ask.since.add({ minutes: 10 }).toString());
    const stay = { id, decision: "go-on", reason: "It was the load test." } as const;
    assert.ok((await plane.operations.decideHeld(stay, callOf("olga"))).ok);
    assert.deepEqual(await asked(), []);
  }));

function never(): never {
  throw new Error("everybody in the documents is known");
}

test("An objection stands, the decider is silent, and at T+10 it goes back by itself", () =>
  withPlane({}, async (plane) => {
    const { clock, rollback, plans, transact, deps } = plane;
    const advance = makeAdvanceDecisions({ ...deps, transact });
    const told = async (person: string): Promise<number> =>
      (await plans.listMessages(person, { limit: 10, cursor: null })).items.length;
    const id = await liveWith(plane);
    const minutes = (count: number): void => clock.advance(Temporal.Duration.from({ minutes: count }));

    assert.ok((await rollback.askDecision({ deployment: id, because: "2.5 % fail." }, callOf("olga"))).ok);
    await advance();
    assert.deepEqual([await told("olga"), await told("finn"), await told("carl")], [1, 1, 1]);
    minutes(2);
    await advance();
    assert.deepEqual([await told("carl"), await told("gina")], [2, 0], "the first message goes out at T+2");
    minutes(3);
    await advance();
    assert.equal(await told("gina"), 1, "five minutes of silence have the deputy asked");
    await advance();
    assert.equal(await told("gina"), 1, "once");

    const objection = { deployment: id, text: "Stay live.", option: "go-on" } as const;
    for (const stranger of ["vera", "omar", "nobody"]) {
      const said = await rollback.sayOnDecision(objection, callOf(stranger));
      assert.deepEqual(said, { ok: false, error: "not-asked" }, stranger);
    }
    assert.ok((await rollback.sayOnDecision(objection, callOf("finn"))).ok);
    const onRecord = (await rollback.showWayBack(id))?.decisions[0]?.statements.map(({ person }) => person);
    assert.deepEqual(onRecord, ["finn"], "of whom nobody asked nothing is on record");
    const mine = { id, decision: "go-on", reason: "I say so." } as const;
    assert.deepEqual(await plane.operations.decideHeld(mine, callOf("finn")), { ok: false, error: "not-decider" });

    minutes(4);
    await advance();
    assert.equal((await rollback.listDecisions()).length, 1, "a minute is left");
    minutes(1);
    await advance();
    assert.deepEqual(await rollback.listDecisions(), []);
    const view = await rollback.showWayBack(id);
    assert.equal(view?.decisions[0]?.ended?.option, "go-back");
    assert.equal(view.decisions[0].ended.by, null);
    assert.match(view.how, /^At once to 100 %, because it is a way back: the default/);
    assert.equal(view.isPastNoReturn, false, "what is on its way back is past nothing");
    const back = await transact((records) => records.deployments.findOpen("checkout-api", "1.0.0", "prod"));
    assert.equal(back?.subject.action, "roll-back");
    const said = (await lines(plane, id)).join("\n");
    for (const part of ["2.5 % fail.", "finn answers (do not go back): Stay live.", "Nobody decided in time"]) {
      assert.ok(said.includes(part), `${part}\n${said}`);
    }
    await assert.rejects(plane.store.pool.query("update rollback_statement set text = 'x'"), /rollback_statement/);
    await assert.rejects(plane.store.pool.query("update rollback_decision set option = 'go-on'"), /has ended/);
  }));

test("The decider lets it stay live in time, and nobody's clock runs any more", () =>
  withPlane({}, async (plane) => {
    const { clock, rollback, transact, deps } = plane;
    const id = await liveWith(plane);
    const alert = { deployment: id, because: "2.5 % fail." };
    assert.ok((await rollback.askDecision(alert, callOf("olga"))).ok);
    const stay = { id, decision: "go-on", reason: "It was the load test." } as const;
    assert.ok((await plane.operations.decideHeld(stay, callOf("olga"))).ok);
    clock.advance(Temporal.Duration.from({ hours: 1 }));
    assert.equal(await makeAdvanceDecisions({ ...deps, transact })(), 0);
    assert.equal(await transact((records) => records.deployments.findOpen("checkout-api", "1.0.0", "prod")), null);
    assert.equal((await rollback.showWayBack(id))?.decisions[0]?.ended?.by, "olga");
  }));
