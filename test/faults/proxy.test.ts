import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { commitReply, faultProxy, type FaultProxy } from "./proxy.ts";

/** A server that says back what it hears, behind a proxy. */
async function echo(seed = 1) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const proxy = await faultProxy({ host: "127.0.0.1", port }, seed);
  return {
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

interface Line {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly isClosed: () => boolean;
}

async function dial(proxy: FaultProxy): Promise<Line> {
  const socket = connect(proxy.port, "127.0.0.1");
  let heard = "";
  let closed = false;
  socket.on("data", (piece: Buffer) => (heard += piece.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (closed = true));
  await once(socket, "connect");
  return { socket, heard: () => heard, isClosed: () => closed };
}

async function becomes(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, "it did not become so");
    await delay(5);
  }
}

test("Without trouble everything passes, and what is counted is nothing", async () => {
  await using place = await echo();
  const line = await dial(place.proxy);
  line.socket.write("hello");
  await becomes(() => line.heard() === "hello");
  assert.equal(place.proxy.struck("drop"), 0);
});

test("The reply that is waited for is kept back and its connection cut, also when it comes in two pieces", async () => {
  await using place = await echo();
  place.proxy.set({ kind: "cut-on-reply", reply: commitReply, times: 1 });
  const line = await dial(place.proxy);
  line.socket.write("before");
  await becomes(() => line.heard() === "before");
  line.socket.write(commitReply.subarray(0, 5));
  await becomes(() => line.heard().length > "before".length);
  line.socket.write(commitReply.subarray(5));
  await becomes(line.isClosed);
  assert.equal(place.proxy.struck("cut-on-reply"), 1);
  const second = await dial(place.proxy);
  second.socket.write(commitReply);
  await becomes(() => second.heard() === commitReply.toString("latin1"));
});

test("Where a connection is cut follows from the seed", async () => {
  const lengths: number[] = [];
  for (const seed of [7, 7, 8]) {
    await using place = await echo(seed);
    place.proxy.set({ kind: "cut-after", bytes: [10, 500] });
    const line = await dial(place.proxy);
    line.socket.write("x".repeat(1000));
    await becomes(line.isClosed);
    lengths.push(line.heard().length);
  }
  assert.equal(lengths[0], lengths[1]);
  assert.notEqual(lengths[0], lengths[2]);
});

test("Half open means that nobody hears anything and nobody is told; dropped means that everybody is", async () => {
  await using place = await echo();
  const line = await dial(place.proxy);
  place.proxy.set({ kind: "half-open" });
  line.socket.write("hello");
  await becomes(() => place.proxy.struck("half-open") > 0);
  assert.deepEqual([line.heard(), line.isClosed()], ["", false]);
  place.proxy.set({ kind: "drop" });
  await becomes(line.isClosed);
  const refused = await dial(place.proxy);
  await becomes(refused.isClosed);
  assert.equal(place.proxy.struck("drop"), 2);
});

test("Garbage has the length of the answer and not its words; a drip and a delay change nothing but the time", async () => {
  await using place = await echo();
  place.proxy.set({ kind: "garbage", times: 1 });
  const line = await dial(place.proxy);
  line.socket.write("hello");
  await becomes(() => line.heard().length === 5);
  assert.notEqual(line.heard(), "hello");
  place.proxy.set({ kind: "drip", bytes: 1 });
  line.socket.write("drip");
  await becomes(() => line.heard().endsWith("drip"));
  place.proxy.set({ kind: "delay", ms: 20 });
  line.socket.write("one");
  line.socket.write("two");
  await becomes(() => line.heard().endsWith("onetwo"));
});
