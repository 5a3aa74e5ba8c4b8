import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { client, type Client } from "#contract/client.ts";
import { listen, type Listening } from "#api/listen.ts";
import { buildApp, type App } from "#api/server.ts";
import { fakeApi, type FakeApi } from "#test/api/fakes.ts";

let api: FakeApi;
let listening: Listening;
let served: App;
let calls: Client;

before(async () => {
  api = fakeApi();
  // The port is known only after the socket is bound, so the list of hosts is filled in afterwards.
  const allowedHosts: string[] = [];
  const origins: string[] = [];
  served = buildApp({ ...api.deps, settings: { ...api.deps.settings, allowedHosts, origins } });
  listening = await listen(served, { port: 0 });
  allowedHosts.push(`127.0.0.1:${listening.port}`);
  origins.push(listening.url);
  calls = client({ baseUrl: listening.url, token: api.tokens.developer });
});

after(async () => {
  api.stop();
  await listening.stop();
});

/** What the server says to these bytes, up to the end of the connection or of the first answer. */
async function say(bytes: string): Promise<string> {
  const socket = connect(listening.port, "127.0.0.1");
  await once(socket, "connect");
  socket.end(bytes);
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  await once(socket, "close");
  return text;
}

const host = () => `Host: 127.0.0.1:${listening.port}\r\n`;

test("a request goes over a real socket and comes back as the contract says", async () => {
  const outcome = await calls.requestDeployment({
    body: { service: "checkout-api", version: "5.0.1", environment: "prod-emea" },
  });
  assert.equal(outcome.ok, true);
  const list = await calls.listDeployments();
  assert.equal(list.ok ? list.body.items.length : 0, 1);
});

test("events come over a real socket and the reader may leave at any time", async () => {
  const stopping = new AbortController();
  const seen: string[] = [];
  const options = {
    signal: stopping.signal,
    onState: ({ kind }: { kind: string }) => kind === "open" && void api.events.push("over-the-wire"),
  };
  for await (const event of calls.events(options)) {
    seen.push(event.object);
    stopping.abort();
  }
  assert.deepEqual(seen, ["over-the-wire"]);
  for (let turns = 0; api.events.readers() > 0 && turns < 1000; turns++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(api.events.readers(), 0, "the server has noticed");
});

test("a foreign host, no host, two hosts and another host in the request line are refused", async () => {
  assert.match(await say("GET /v1/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 421 /);
  assert.match(await say("GET /v1/me HTTP/1.1\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(
    await say(`GET http://evil.example/v1/me HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`),
    /^HTTP\/1\.1 4(00|21) /,
  );
  const two = await say(`GET /v1/me HTTP/1.1\r\n${host()}Host: evil.example\r\nConnection: close\r\n\r\n`);
  assert.match(two, /^HTTP\/1\.1 4/);
});

test("requests that two parsers would read in two ways are refused and the connection is closed", async () => {
  const post = `POST /v1/deployments HTTP/1.1\r\n${host()}Content-Type: application/json\r\n`;
  for (const rest of [
    "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: 2x\r\n\r\n{}",
    "Transfer-Encoding: xchunked\r\n\r\n{}",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  ]) {
    const answer = await say(post + rest);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, rest);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, `one answer and no second request: ${rest}`);
  }
});

test("headers above the limit, methods that nobody speaks and paths full of escapes do not bring it down", async () => {
  assert.match(await say(`GET /livez HTTP/1.1\r\n${host()}X: ${"x".repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.match(await say(`TRACE /v1/me HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`), /^HTTP\/1\.1 4\d\d /);
  assert.match(await say(`BREW /v1/me HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(
    await say(`GET /%zz/%00/..%2f..%2fetc/passwd HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`),
    /^HTTP\/1\.1 4\d\d /,
  );
  assert.match(await say(`GET /livez HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
});

test("a body larger than allowed is refused before it is sent whole", async () => {
  const token = `Authorization: Bearer ${api.tokens.developer}\r\n`;
  const head = `POST /v1/deployments HTTP/1.1\r\n${host()}${token}Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n`;
  assert.match(await say(`${head}{`), /^HTTP\/1\.1 413 /);
});

test("stopping ends streams and idle connections without waiting for their readers", async () => {
  const own = fakeApi();
  const allowedHosts: string[] = [];
  const app = buildApp({ ...own.deps, settings: { ...own.deps.settings, allowedHosts } });
  const server = await listen(app, { port: 0 });
  allowedHosts.push(`127.0.0.1:${server.port}`);
  const response = await fetch(`${server.url}/v1/events`, {
    headers: { authorization: `Bearer ${own.tokens.viewer}` },
  });
  own.stop();
  await server.stop(5000);
  assert.match(await response.text(), /: tidegate/);
  await assert.rejects(fetch(`${server.url}/livez`));
});

test("an answer has the same headers and text on a socket as without one", async () => {
  const headers = { authorization: `Bearer ${api.tokens.developer}`, "x-request-id": "req_of_the_test" };
  const direct = await served.request(`${listening.url}/v1/deployments`, { headers });
  const answered = await fetch(`${listening.url}/v1/deployments`, { headers });
  const names = [...direct.headers.keys()].filter((name) => name !== "etag");
  for (const name of names) assert.equal(answered.headers.get(name), direct.headers.get(name), name);
  const text = await answered.text();
  assert.equal(answered.headers.get("content-length"), String(Buffer.byteLength(text)));
  assert.equal(answered.status, direct.status);
  const again = { headers: { ...headers, "if-none-match": answered.headers.get("etag") ?? "" } };
  assert.equal((await fetch(`${listening.url}/v1/deployments`, again)).status, 304);
});

test("HEAD has the headers of GET and no body, and the connection goes on", async () => {
  const head = `HEAD /v1/deployments HTTP/1.1\r\n${host()}Authorization: Bearer ${api.tokens.developer}\r\n`;
  const text = await say(`${head}\r\n${head}Connection: close\r\n\r\n`);
  assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assert.match(text, /content-length: [1-9]/i);
  assert.ok(text.endsWith("\r\n\r\n"), "nothing comes behind the headers");
});

test("a body that ends before its declared length is no request", async () => {
  const begun = `POST /v1/verdicts HTTP/1.1\r\n${host()}Authorization: Bearer ${api.tokens.developer}\r\n`;
  const text = await say(`${begun}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"service":`);
  assert.doesNotMatch(text, /HTTP\/1\.1 200/);
});
