import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { listen, type Listening } from "#api/listen.ts";
import { buildApp } from "#api/server.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { fakeApi, type FakeApi } from "#test/api/fakes.ts";

let api: FakeApi;
let listening: Listening;

before(async () => {
  api = fakeApi();
  const allowedHosts: string[] = [];
  const app = buildApp({ ...api.deps, settings: { ...api.deps.settings, allowedHosts } });
  listening = await listen(app, { port: 0 });
  allowedHosts.push(`127.0.0.1:${listening.port}`);
});

after(async () => {
  api.stop();
  await listening.stop();
});

const unknownToken = `tok_${"0".repeat(32)}`;

/** The first answer to these bytes; the connection is closed after it. */
async function say(lines: readonly string[]): Promise<string> {
  const socket = connect(listening.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [chunk] = await once(socket.setEncoding("latin1"), "data");
  socket.destroy();
  return String(chunk);
}

function request(line: string, ...more: readonly string[]): readonly string[] {
  const host = `Host: 127.0.0.1:${listening.port}`;
  return [`${line} HTTP/1.1`, host, `Authorization: Bearer ${api.tokens.developer}`, ...more];
}

test("a call without a body needs neither a length nor a type", async () => {
  for (const more of [[], ["Content-Length: 0"], ["Content-Type: application/json"]]) {
    const answer = await say(request(`DELETE /v1/tokens/${unknownToken}`, ...more));
    assert.match(answer, /^HTTP\/1\.1 200 /, more.join());
  }
});

test("what comes without a type is still not read", async () => {
  const answer = await say(request("POST /v1/artifacts", "Content-Length: 2", "", "{}"));
  assert.match(answer, /^HTTP\/1\.1 415 /);
});

for (const [title, more] of [
  ["a length beside chunks", ["Content-Length: 4", "Transfer-Encoding: chunked", "", "0", "", "GET /v1/me HTTP/1.1"]],
  ["two lengths", ["Content-Length: 2", "Content-Length: 3", "", "{}x"]],
  ["an unknown encoding", ["Transfer-Encoding: xchunked", "", "0"]],
] as const) {
  test(`a smuggled request is refused: ${title}`, async () => {
    const answer = await say(request("POST /v1/artifacts", "Content-Type: application/json", ...more));
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1);
  });
}

test("whoever sends headers for ever is cut off soon after the limit, while others are served", async () => {
  const slow = Array.from({ length: 50 }, () => connect(listening.port, "127.0.0.1"));
  const closed = slow.map((socket) => {
    socket.on("error", () => undefined).resume();
    socket.write("GET /v1/me HTTP/1.1\r\nHost: x\r\n");
    return once(socket, "close");
  });
  const startedMs = monotonicMs();
  assert.match(await say(request("GET /v1/me")), /^HTTP\/1\.1 200 /);
  await Promise.all(closed);
  assert.ok(monotonicMs() - startedMs < 20_000, "10 s for headers, and a look every 2 s");
});
