import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { systemClock } from "#runtime/clock.ts";
import { signStandard } from "#runtime/webhook-signature.ts";
import { query, sql } from "#store/sql.ts";
import { answerOf } from "#test/support/deployments.ts";
import { until } from "#test/support/installation.ts";
import { versions } from "./configuration.ts";
import { defineFault, type Fault } from "./fault.ts";
import type { Plane } from "./plane.ts";

/*
 * W: events that come often, late, out of order, cut off, too large or signed with what was valid yesterday.
 */

interface Hook {
  readonly name: string;
  readonly secret: string;
}

async function newHook({ as }: Plane, name: string): Promise<Hook> {
  const { secret } = answerOf(
    await as("olga").createHook({
      body: { name, scheme: "standard", account: "olga-ci", services: {}, environments: {} },
    }),
  );
  return { name, secret };
}

interface Event {
  readonly id: string;
  readonly type: "gate.ask" | "gate.result" | "gate.cancel";
  readonly data: Readonly<Record<string, unknown>>;
}

async function send({ url }: Plane, { name, secret }: Hook, { id, type, data }: Event): Promise<number> {
  const body = JSON.stringify({ type, data });
  const signed = signStandard({ id, body, secret }, Math.floor(systemClock.now().epochMilliseconds / 1000));
  const headers = { ...signed, "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/hooks/${name}`, { method: "POST", headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

const place = { environment: "e4", service: "tax" } as const;

/** For the version that is not live there: faults before may have brought the other one. */
function ask({ targets }: Plane, run: string): Event["data"] & { readonly version: string } {
  const live = targets.truth(place).find(({ percent }) => percent === 100)?.version;
  return { ...place, version: versions.find((each) => each !== live) ?? versions[0], run };
}

const count = z.object({ n: z.coerce.number() });

async function gatesOf({ pool }: Plane, run: string): Promise<number> {
  return (await query(pool, sql`select count(*) as n from gate where external_run = ${run}`, count))[0]?.n ?? 0;
}

async function handled({ pool }: Plane, hook: string, events: number): Promise<void> {
  await until(`${events} events of ${hook} are handled`, async () => {
    const done = sql`select count(*) as n from hook_delivery where source = ${hook} and state <> 'received'`;
    return (await query(pool, done, count))[0]?.n === events;
  });
}

/** The place is free again for whoever comes next. */
async function free(plane: Plane, hook: Hook, run: string): Promise<void> {
  await send(plane, hook, { id: `free-${run}`, type: "gate.cancel", data: { run, reason: "Over." } });
  await until("its gate has ended", async () => {
    const open = sql`select count(*) as n from gate g join deployment d on d.id = g.deployment_id
                     where g.external_run = ${run} and d.ended_at is null`;
    return (await query(plane.pool, open, count))[0]?.n === 0;
  });
}

const repeated = defineFault({
  id: "W1",
  title: "one event is delivered thirty times at once, and later again",
  onEveryCommit: true,
  invariants: ["I16"],
  inject: async (plane) => {
    const hook = await newHook(plane, "w-repeated");
    const event: Event = { id: "msg_one", type: "gate.ask", data: ask(plane, "ci:repeated/1") };
    const statuses = await Promise.all(Array.from({ length: 30 }, () => send(plane, hook, event)));
    await handled(plane, hook.name, 1);
    statuses.push(await send(plane, hook, event));
    const gates = await gatesOf(plane, "ci:repeated/1");
    await free(plane, hook, "ci:repeated/1");
    return { times: statuses.length, work: [], statuses, gates };
  },
  expect: async (_, { statuses, gates }) => {
    assert.ok(statuses.every((status) => status === 202));
    assert.equal(gates, 1);
  },
});

const reordered = defineFault({
  id: "W2",
  title: "the end of a run comes before its beginning, and the beginning twice",
  invariants: ["I10", "I16"],
  inject: async (plane) => {
    const hook = await newHook(plane, "w-reordered");
    const run = "ci:reordered/1";
    const asked = ask(plane, run);
    const outcome = { run, outcome: "succeeded", live: asked.version };
    await send(plane, hook, { id: "msg_end", type: "gate.result", data: outcome });
    await handled(plane, hook.name, 1);
    await send(plane, hook, { id: "msg_begin", type: "gate.ask", data: asked });
    await send(plane, hook, { id: "msg_begin_again", type: "gate.ask", data: asked });
    await handled(plane, hook.name, 3);
    const gates = await gatesOf(plane, run);
    await free(plane, hook, run);
    return { times: 3, work: [], gates };
  },
  expect: async (_, { gates }) => assert.equal(gates, 1, "the same question of one run is one gate"),
});

const storm = defineFault({
  id: "W3",
  title: "three hundred events come at once, most of them repeated: each is stored before it is acknowledged",
  invariants: ["I1", "I13", "I16"],
  inject: async (plane) => {
    const hook = await newHook(plane, "w-storm");
    const work = [await plane.load.deploy(), await plane.load.run("one-call")];
    const statuses: number[] = [];
    // Sixty different ones of no concern to any gate, each five times.
    await Promise.all(
      Array.from({ length: 300 }, async (_, nth) => {
        const run = `ci:storm/${nth % 60}`;
        const event: Event = { id: `msg_${nth % 60}`, type: "gate.result", data: { run, outcome: "failed" } };
        statuses.push(await send(plane, hook, event));
      }),
    );
    const taken = statuses.filter((status) => status === 202).length;
    const stored = await query(
      plane.pool,
      sql`select count(*) as n from hook_delivery where source = 'w-storm'`,
      count,
    );
    return {
      times: taken,
      work,
      refused: statuses.filter((status) => ![202, 429, 503].includes(status)),
      stored: stored[0]?.n,
    };
  },
  expect: async (plane, { refused, stored }) => {
    assert.deepEqual(refused, []);
    assert.ok((stored ?? 0) <= 60);
    await handled(plane, "w-storm", stored ?? 0);
  },
});

/** What is answered to these bytes; the socket is closed behind them when nothing is. */
async function raw({ url }: Plane, head: readonly string[], body: Buffer): Promise<string> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  let answer = "";
  socket.on("error", () => undefined);
  socket.on("data", (piece: Buffer) => (answer += piece.toString("latin1")));
  socket.write(`${[...head, `Host: ${host}`].join("\r\n")}\r\n\r\n`);
  socket.end(body);
  if (!socket.closed) await once(socket, "close");
  return answer.split("\r\n")[0] ?? "";
}

const malformed = defineFault({
  id: "W5",
  title: "bodies are cut off, longer than they say, packed a thousandfold, or a gigabyte by their own word",
  invariants: ["I13"],
  inject: async (plane) => {
    await newHook(plane, "w-malformed");
    const line = "POST /v1/hooks/w-malformed HTTP/1.1";
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const answers = [
      await raw(plane, [line, "Content-Length: 500", "Connection: close"], Buffer.from('{"type":')),
      await raw(plane, [line, "Content-Length: 5", "Connection: close"], Buffer.from('{"type":"gate.ask"}')),
      await raw(plane, [line, `Content-Length: ${bomb.length}`, "Content-Encoding: gzip", "Connection: close"], bomb),
      await raw(plane, [line, "Content-Length: 1000000000", "Connection: close"], Buffer.alloc(1024)),
    ];
    const stored = await query(
      plane.pool,
      sql`select count(*) as n from hook_delivery where source = 'w-malformed'`,
      count,
    );
    return { times: answers.length, work: [await plane.load.run("one-call")], answers, stored: stored[0]?.n };
  },
  expect: async (_, { answers, stored }) => {
    assert.ok(
      answers.every((answer) => answer === "" || answer.startsWith("HTTP/1.1 4")),
      answers.join(),
    );
    assert.equal(stored, 0);
  },
});

const rotated = defineFault({
  id: "W7",
  title:
    "the secret of a hook is changed while events come: the former one is accepted for a while, a strange one never",
  invariants: ["I16"],
  inject: async (plane) => {
    const former = await newHook(plane, "w-rotated");
    const event = (id: string): Event => ({
      id,
      type: "gate.result",
      data: { run: "ci:rotated/1", outcome: "failed" },
    });
    const before = await send(plane, former, event("msg_before"));
    const rotation = answerOf(await plane.as("olga").rotateHook({ params: { name: former.name } }));
    const statuses = [
      before,
      await send(plane, former, event("msg_late")),
      await send(plane, { ...former, secret: rotation.secret }, event("msg_new")),
      await send(plane, { ...former, secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` }, event("msg_strange")),
    ];
    return { times: statuses.length, work: [], statuses };
  },
  expect: async (_, { statuses }) => assert.deepEqual(statuses, [202, 202, 202, 401]),
});

const apiDies = defineFault({
  id: "W4",
  title: "the interface dies while it takes events; the sender gives up on none that it was not told of",
  onEveryCommit: true,
  invariants: ["I1", "I16"],
  inject: async (plane) => {
    const hook = await newHook(plane, "w-dying");
    let attempts = 0;
    const sending = Array.from({ length: 20 }, async (_, nth) => {
      const event: Event = {
        id: `msg_${nth}`,
        type: "gate.result",
        data: { run: `ci:dying/${nth}`, outcome: "failed" },
      };
      await until(`event ${nth} is taken`, async () => {
        attempts++;
        return (await send(plane, hook, event)) === 202;
      });
    });
    await plane.processes.kill("api");
    await plane.processes.restart("api");
    await Promise.all(sending);
    await handled(plane, hook.name, 20);
    return { times: attempts - 20, work: [] };
  },
});

export const webhookFaults: readonly Fault[] = [repeated, reordered, storm, malformed, rotated, apiDies];
