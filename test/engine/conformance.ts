import assert from "node:assert/strict";
import { test } from "node:test";
import { anywhere, environments, type Release, type Samples } from "./samples.ts";
import type { FlowStarter } from "#workflows/flow.ts";

/** One engine with its world; made anew or shared, as the engine likes: ids and names never repeat. */
export interface Bench<Tx> {
  readonly starter: FlowStarter<Tx>;
  /** A transaction of the caller's own; throws what the body throws, after rolling back. */
  readonly transact: <T>(body: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly now: () => Temporal.Instant;
  /** The result of a run, once it is there; throws if it failed. */
  readonly result: (id: string) => Promise<unknown>;
  /** Null if there is no such run. */
  readonly status: (id: string) => Promise<string | null>;
  /** Returns when the run has nothing to do but wait. */
  readonly idle: (id: string) => Promise<void>;
  /** Moves the domain clock. */
  readonly advance: (by: Temporal.Duration) => Promise<void>;
  readonly effects: () => readonly { readonly name: string; readonly key: string }[];
  readonly rows: () => Promise<readonly string[]>;
}

const hours = (count: number) => Temporal.Duration.from({ hours: count });
let serial = 0;

/** What every engine behind `Flow` must do. `samples` are registered by the bench. */
export function conforms<Tx>(engine: string, bench: () => Bench<Tx>): void {
  const fresh = (what: string) => `${what}-${(serial += 1)}`;

  async function start(
    name: keyof Samples<Tx>,
    input: unknown,
    id = fresh(name),
    priority?: number,
    place = anywhere(id),
  ): Promise<string> {
    const run = { workflow: name, id, input, place, ...(priority === undefined ? {} : { priority }) };
    await bench().transact((tx) => bench().starter.start(tx, run));
    return id;
  }

  const send = (to: string, topic: string, body: unknown, key = fresh("key")) =>
    bench().transact((tx) => bench().starter.send(tx, { to, topic, body, key }));

  function aRelease(change: Partial<Release> = {}): Release {
    const name = fresh("payments");
    const now = bench().now();
    const notBefore = now.toString();
    return { name, environment: name, expiresAt: now.add(hours(48)).toString(), notBefore, ...change };
  }

  test(`${engine}: an approved release waits for its hour and then takes every step once`, async () => {
    const input = aRelease({ notBefore: bench().now().add(hours(20)).toString() });
    const id = await start("release", input);
    await bench().idle(id);
    await send(id, "approval", { ok: true });
    await bench().idle(id);
    assert.deepEqual(await effectsOf(input.name), []);
    await bench().advance(hours(21));
    assert.equal(await bench().result(id), "released");
    assert.deepEqual(await effectsOf(input.name), ["10", "50", "100"]);
    const rows = await bench().rows();
    assert.deepEqual(
      rows.filter((row) => row.startsWith(`${input.name} `)),
      [`${input.name} 10`, `${input.name} 50`, `${input.name} 100`],
    );
  });

  async function effectsOf(name: string): Promise<readonly string[]> {
    const mine = bench()
      .effects()
      .filter((effect) => effect.name.startsWith(`${name} `));
    assert.equal(new Set(mine.map(({ key }) => key)).size, mine.length, "two steps share a key");
    return mine.map((effect) => effect.name.slice(name.length + 1));
  }

  test(`${engine}: a wait ends with null at its deadline on the domain clock`, async () => {
    const id = await start("release", aRelease());
    await bench().idle(id);
    await bench().advance(hours(49));
    assert.equal(await bench().result(id), "expired");
  });

  test(`${engine}: a deadline that has passed already still lets a message through that came before`, async () => {
    const until = bench().now().subtract(hours(1)).toString();
    assert.deepEqual(await bench().result(await start("listener", { count: 1, until })), ["silence"]);
    const id = fresh("listener");
    const run = { workflow: "listener", id, input: { count: 1, until }, place: anywhere(id) };
    await bench().transact(async (tx) => {
      await bench().starter.start(tx, run);
      await bench().starter.send(tx, { to: id, topic: "news", body: "early", key: fresh("key") });
    });
    assert.deepEqual(await bench().result(id), ["early"]);
  });

  test(`${engine}: messages keep their order, and a repeated key is one message`, async () => {
    const id = await start("listener", { count: 3, until: bench().now().add(hours(9)).toString() });
    await bench().idle(id);
    const key = fresh("key");
    await send(id, "news", "one", key);
    await bench().idle(id);
    await send(id, "news", "one", key);
    await send(id, "other", "not for this topic");
    await send(id, "news", "two");
    await bench().idle(id);
    await bench().advance(hours(10));
    assert.deepEqual(await bench().result(id), ["one", "two", "silence"]);
  });

  test(`${engine}: an id is started once, however often it is asked for`, async () => {
    const input = { name: fresh("twice") };
    const id = await start("exclusive", input);
    await start("exclusive", input, id);
    await bench().result(id);
    await start("exclusive", input, id);
    await bench().idle(id);
    assert.deepEqual(
      bench()
        .effects()
        .filter(({ name }) => name === `enter ${input.name}`).length,
      1,
    );
  });

  test(`${engine}: a start and a message share the fate of the caller's transaction`, async () => {
    const id = fresh("listener");
    const until = bench().now().add(hours(1)).toString();
    const rolledBack = bench().transact(async (tx) => {
      await bench().starter.start(tx, { workflow: "listener", id, input: { count: 1, until }, place: anywhere(id) });
      throw new Error("changed my mind");
    });
    await assert.rejects(rolledBack, /changed my mind/);
    assert.equal(await bench().status(id), null);
    await start("listener", { count: 1, until }, id);
    const unsent = bench().transact(async (tx) => {
      await bench().starter.send(tx, { to: id, topic: "news", body: "never", key: fresh("key") });
      throw new Error("changed my mind again");
    });
    await assert.rejects(unsent, /again/);
    await bench().idle(id);
    await send(id, "news", "really");
    assert.deepEqual(await bench().result(id), ["really"]);
  });

  test(`${engine}: a message to a run that does not exist is refused`, async () => {
    await assert.rejects(send(fresh("nobody"), "news", "hello"));
  });

  test(`${engine}: a failing step is repeated as its policy says`, async () => {
    assert.equal(await bench().result(await start("flaky", { failures: 3 })), 4);
  });

  test(`${engine}: a step that fails for good fails the run, and a parent may catch it`, async () => {
    await assert.rejects(bench().result(await start("broken", null)), /the target is gone/);
    assert.equal(await bench().result(await start("parent", null)), "child failed: the target is gone");
  });

  test(`${engine}: runs at one place exclude each other, by priority and then in order of arrival`, async () => {
    const place = { queue: environments, key: fresh("prod") };
    const holder = await start(
      "listener",
      { count: 1, until: bench().now().add(hours(1)).toString() },
      fresh("l"),
      1,
      place,
    );
    await bench().idle(holder);
    const names = ["first", "second", "third"].map((name) => fresh(name));
    const ids: string[] = [];
    for (const name of names) ids.push(await start("exclusive", { name }, fresh("e"), undefined, place));
    const hotfix = fresh("hotfix");
    ids.push(await start("exclusive", { name: hotfix }, fresh("e"), 10, place));
    await bench().idle(holder);
    for (const id of ids) assert.equal(await bench().status(id), "queued");
    await send(holder, "news", "go on");
    for (const id of ids) await bench().result(id);
    const wanted = [hotfix, ...names].flatMap((name) => [`enter ${name}`, `leave ${name}`]);
    const seen = bench()
      .effects()
      .map((effect) => effect.name);
    assert.deepEqual(
      seen.filter((name) => wanted.includes(name)),
      wanted,
    );
  });
}
