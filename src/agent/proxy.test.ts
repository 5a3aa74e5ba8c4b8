import assert from "node:assert/strict";
import { createServer, Agent, request, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { openProxy, type Proxy } from "#agent/proxy.ts";

const connections = new Agent({ keepAlive: true, maxSockets: 32 });

async function listen(t: TestContext, answer: RequestListener): Promise<number> {
  const server: Server = createServer({ keepAliveTimeout: 65_000 }, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function open(t: TestContext): Promise<Proxy> {
  const proxy = await openProxy(0);
  t.after(() => proxy.close());
  return proxy;
}

interface Seen {
  readonly status: number;
  readonly version: string;
  readonly text: string;
}

function get(url: string, method = "GET", body?: Buffer): Promise<Seen> {
  return new Promise((resolve) => {
    const call = request(url, { method, agent: connections }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, version: String(answer.headers["x-tidegate-version"]), text }),
      );
      answer.on("error", () => resolve({ status: 0, version: "", text }));
    });
    call.on("error", () => resolve({ status: 0, version: "", text: "" }));
    call.end(body);
  });
}

test("12,000 requests across 40 shifts: none is lost, and each share is exact", async (t) => {
  const proxy = await open(t);
  const old = await listen(t, (_request, answer) => answer.end("old"));
  const fresh = await listen(t, (_request, answer) => answer.end("new"));
  const route = (percent: number) =>
    proxy.route([
      { version: "1.1.0", port: fresh, percent },
      { version: "1.0.0", port: old, percent: 100 - percent },
    ]);
  const percents = [5, 25, 50, 100, 0, 33.3, 0.1, 10];
  for (let shift = 0; shift < 40; shift += 1) {
    const percent = percents[shift % percents.length] ?? 0;
    route(percent);
    const seen = await Promise.all(Array.from({ length: 300 }, () => get(proxy.url)));
    assert.equal(seen.filter(({ status }) => status !== 200).length, 0);
    for (const { version, text } of seen) assert.equal(text, version === "1.1.0" ? "new" : "old");
    const share = seen.filter(({ version }) => version === "1.1.0").length;
    assert.ok(Math.abs(share - 3 * percent) <= 1, `${share} of 300 at ${percent} %`);
  }
});

test("A shift is in effect for the very next request while requests of the old version are still in flight", async (t) => {
  const proxy = await open(t);
  const slow = await listen(t, (_request, answer) => void setTimeout(() => answer.end("old"), 150));
  const fresh = await listen(t, (_request, answer) => answer.end("new"));
  proxy.route([{ version: "1.0.0", port: slow, percent: 100 }]);
  const flying = Array.from({ length: 20 }, () => get(proxy.url));
  while (proxy.inFlight("1.0.0") < 20) await new Promise((resolve) => setImmediate(resolve));
  proxy.route([{ version: "1.1.0", port: fresh, percent: 100 }]);
  assert.equal((await get(proxy.url)).text, "new");
  for (const seen of await Promise.all(flying)) assert.equal(seen.text, "old");
  assert.equal(proxy.inFlight("1.0.0"), 0);
});

test("5xx answers and broken connections count as errors of the version, 4xx answers do not", async (t) => {
  const proxy = await open(t);
  const port = await listen(t, (incoming, answer) => {
    if (incoming.url === "/break") answer.destroy();
    else answer.writeHead(Number(incoming.url?.slice(1))).end();
  });
  proxy.route([{ version: "1.0.0", port, percent: 100 }]);
  const statuses = [];
  for (const path of ["200", "404", "500", "503", "break"]) statuses.push((await get(`${proxy.url}/${path}`)).status);
  assert.deepEqual(statuses, [200, 404, 500, 503, 502]);
  proxy.route([{ version: "1.1.0", port: null, percent: 100 }]);
  assert.equal((await get(proxy.url)).status, 502);
  proxy.route([]);
  assert.equal((await get(proxy.url)).status, 503);
  const { completeBefore } = proxy.traffic(0);
  while (proxy.traffic(0).completeBefore === completeBefore) await new Promise((resolve) => setTimeout(resolve, 20));
  const { seconds } = proxy.traffic(0);
  const sum = (version: string, field: "requests" | "errors") =>
    seconds.filter((each) => each.version === version).reduce((total, each) => total + each[field], 0);
  assert.deepEqual([sum("1.0.0", "requests"), sum("1.0.0", "errors")], [5, 3]);
  assert.deepEqual([sum("1.1.0", "requests"), sum("1.1.0", "errors")], [1, 1]);
});

test("Headers for one connection only are not passed on, and the version cannot be forged", async (t) => {
  const proxy = await open(t);
  const port = await listen(t, (incoming, answer) => {
    answer.writeHead(200, { "x-tidegate-version": "9.9.9", "keep-alive": "timeout=1", "x-kept": "yes" });
    answer.end(JSON.stringify(incoming.rawHeaders.map((each) => each.toLowerCase())));
  });
  proxy.route([{ version: "1.0.0", port, percent: 100 }]);
  const answer = await raw(proxy, [
    "GET / HTTP/1.1",
    "Host: shop.example",
    "Connection: close, X-Secret",
    "X-Secret: 1",
    "TE: trailers",
    "Upgrade: h2c",
    "X-Twice: a",
    "X-Twice: b",
    "",
    "",
  ]);
  assert.ok(!answer.includes("9.9.9"));
  assert.ok(answer.includes("x-kept: yes"));
  for (const name of ["x-secret", '"te"', "upgrade"]) assert.ok(!answer.includes(name), name);
  assert.ok(answer.includes('"shop.example"'));
  assert.equal(answer.split('"x-twice"').length, 3);
});

test("A chunked body of a GET arrives framed: its bytes cannot be read as another request", async (t) => {
  const proxy = await open(t);
  const urls: string[] = [];
  const port = await listen(t, (incoming, answer) => {
    urls.push(incoming.url ?? "");
    incoming.resume();
    incoming.on("end", () => answer.end("ok"));
  });
  proxy.route([{ version: "1.0.0", port, percent: 100 }]);
  const hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  await raw(proxy, [
    "GET /seen HTTP/1.1",
    "Host: x",
    "Connection: close",
    "Transfer-Encoding: chunked",
    "",
    hidden.length.toString(16),
    hidden,
    "0",
    "",
    "",
  ]);
  await get(`${proxy.url}/after`);
  assert.deepEqual(urls, ["/seen", "/after"]);
});

test("A body above the limit is refused, whether its length is told or not, and is no error of the version", async (t) => {
  const proxy = await open(t);
  const port = await listen(t, (incoming, answer) => {
    incoming.resume();
    incoming.on("end", () => answer.end("ok"));
  });
  proxy.route([{ version: "1.0.0", port, percent: 100 }]);
  assert.equal((await get(proxy.url, "POST", Buffer.alloc(1024 * 1024))).status, 200);
  const status = await raw(proxy, ["POST / HTTP/1.1", "Host: x", `Content-Length: ${1024 * 1024 + 1}`, "", ""]);
  assert.ok(status.startsWith("HTTP/1.1 413"), status.slice(0, 40));
});

/** Bytes out, all bytes in until the connection ends. */
function raw(proxy: Proxy, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
    socket.write(lines.join("\r\n"));
  });
}
