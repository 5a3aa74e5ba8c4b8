import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { test, type TestContext } from "node:test";
import { isPublicAddress } from "#runtime/public-address.ts";
import { parseAddress, safeFetch, type SafeFetchOptions } from "#runtime/safe-fetch.ts";

/** A server on loopback: what an internal service would be. */
async function serve(t: TestContext, handle: RequestListener): Promise<{ readonly port: number; server: Server }> {
  const server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { port: address.port, server };
}

async function codeOf(address: string, options: Partial<SafeFetchOptions> = {}): Promise<string> {
  const fetched = await safeFetch(address, { allow: [], timeoutMs: 2_000, ...options });
  return fetched.ok ? "read" : fetched.error.code;
}

test("addresses of the operator's own networks are refused, however they are written", async () => {
  const addresses = [
    "http://127.0.0.1/x",
    "http://[::1]/x",
    "http://0/x",
    "http://0x7f.1/x",
    "http://2130706433/x",
    "http://0177.0.0.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00::1]/x",
    "http://[fe80::1]/x",
    "http://[::ffff:10.0.0.1]/x",
    "http://[::ffff:7f00:1]/x",
    "http://[64:ff9b::a00:1]/x",
    "http://[2002:7f00:1::]/x",
    "http://100.64.0.1/x",
    "http://10.1.2.3/x",
    "http://172.31.0.1/x",
    "http://192.168.0.1/x",
    "http://127.0.0.1./x",
  ];
  for (const address of addresses) assert.equal(await codeOf(address), "forbidden-address", address);
  assert.equal(await codeOf("http://localhost/x"), "forbidden-address");
});

test("public addresses are public, and what is no address is not", () => {
  for (const address of ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "172.32.0.1", "100.128.0.1"])
    assert.equal(isPublicAddress(address), true, address);
  for (const address of ["", "example.org", "1.2.3", "::", "ff02::1", "2001::1", "240.0.0.1", "255.255.255.255"])
    assert.equal(isPublicAddress(address), false, address);
});

test("addresses that two parsers could read differently are refused", () => {
  const addresses = [
    "http://a@b/",
    "http://user:secret@example.org/",
    "http://a\\@b/",
    "http:/\\example.org/",
    "http:example.org",
    "http://exa mple.org/",
    "http://exam\tple.org/",
    "http://example.org/\nx",
    "http://internal_host/",
    "http:///example.org",
    "//example.org/",
    "",
  ];
  for (const address of addresses) {
    const parsed = parseAddress(address);
    assert.equal(parsed.ok ? "ok" : parsed.error.code, "bad-address", address);
  }
  const international = parseAddress("https://bücher.example/kalender.ics#part");
  assert.equal(international.ok && international.value.href, "https://xn--bcher-kva.example/kalender.ics");
});

test("only http and https are read", async () => {
  for (const scheme of [
    "file:///etc/passwd",
    "gopher://x/",
    "data:text/calendar,x",
    "ftp://x/",
    "unix:/run/x",
    "ssh://x",
  ])
    assert.equal(await codeOf(scheme), "bad-address", scheme);
});

test("a name that has a private address among its public ones is refused", async () => {
  for (const addresses of [["1.1.1.1", "10.0.0.1"], ["1.1.1.1", "::1"], ["169.254.169.254"]])
    assert.equal(await codeOf("http://feed.example/x", { resolve: async () => addresses }), "forbidden-address");
});

test("the connection goes to the address that was checked, whatever the name says a moment later", async (t) => {
  const { port } = await serve(t, (_, response) => response.end("from loopback"));
  let asked = 0;
  // The name is asked once. A second answer, private, would be the attack; nobody asks for it.
  const resolve = async (): Promise<readonly string[]> => (asked++ === 0 ? ["127.0.0.1"] : ["10.0.0.1"]);
  const fetched = await safeFetch(`http://feed.example:${port}/x`, { allow: [`feed.example:${port}`], resolve });
  assert.equal(fetched.ok && fetched.value.text, "from loopback");
  assert.equal(asked, 1);
});

test("a private address is read when the operator allows exactly this host and port", async (t) => {
  const { port } = await serve(t, (request, response) => {
    response.setHeader("etag", '"1"');
    response.statusCode = request.headers["if-none-match"] === '"1"' ? 304 : 200;
    response.end(response.statusCode === 200 ? "text" : undefined);
  });
  const address = `http://127.0.0.1:${port}/a.ics`;
  const allow = [`127.0.0.1:${port}`];
  assert.deepEqual(await safeFetch(address, { allow }), { ok: true, value: { text: "text", etag: '"1"' } });
  assert.deepEqual(await safeFetch(address, { allow, etag: '"1"' }), { ok: true, value: { text: null, etag: '"1"' } });
  assert.equal(await codeOf(address, { allow: [`127.0.0.1:${port + 1}`] }), "forbidden-address");
});

test("a redirect is checked like the first address, and there are at most three", async (t) => {
  const { port } = await serve(t, (request, response) => {
    const to = { "/inside": "http://10.0.0.1/x", "/file": "file:///etc/passwd", "/loop": "/loop", "/once": "/end" };
    const location = Object.entries(to).find(([path]) => path === request.url)?.[1];
    if (location !== undefined) response.writeHead(302, { location });
    response.end("here");
  });
  const allow = [`127.0.0.1:${port}`];
  assert.equal(await codeOf(`http://127.0.0.1:${port}/inside`, { allow }), "forbidden-address");
  assert.equal(await codeOf(`http://127.0.0.1:${port}/file`, { allow }), "bad-address");
  assert.equal(await codeOf(`http://127.0.0.1:${port}/loop`, { allow }), "bad-answer");
  assert.equal(await codeOf(`http://127.0.0.1:${port}/once`, { allow }), "read");
});

test("200 MB, a slow answer, a packed one, an error and a body that is no text are refused in bounded memory", async (t) => {
  const { port } = await serve(t, (request, response) => {
    if (request.url === "/missing") response.writeHead(404);
    if (request.url === "/packed") response.writeHead(200, { "content-encoding": "gzip" });
    if (request.url === "/says") response.writeHead(200, { "content-length": String(200 * 1024 * 1024) });
    if (request.url === "/bytes") response.write(Buffer.from([0xff, 0xfe, 0x00]));
    if (request.url === "/slow") return void response.write("BEGIN:VCALENDAR");
    if (request.url !== "/endless") return void response.end();
    const block = Buffer.alloc(64 * 1024, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(block));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  const allow = [`127.0.0.1:${port}`];
  const expected = {
    "/missing": "bad-answer",
    "/packed": "bad-answer",
    "/says": "too-large",
    "/endless": "too-large",
    "/bytes": "bad-answer",
    "/slow": "too-slow",
  };
  for (const [path, code] of Object.entries(expected))
    assert.equal(await codeOf(`http://127.0.0.1:${port}${path}`, { allow, timeoutMs: 700 }), code, path);
  const before = process.memoryUsage().rss;
  assert.equal(await codeOf(`http://127.0.0.1:${port}/endless`, { allow }), "too-large");
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});

test("what is said about a failure names the host and nothing that could be a secret", async (t) => {
  const { port } = await serve(t, (_, response) => response.writeHead(500).end());
  const secret = "private-7f3a";
  for (const address of [
    `http://127.0.0.1:${port}/${secret}/x.ics?key=${secret}`,
    `http://${secret}:${secret}@example.org/`,
    `http://10.0.0.1/${secret}`,
  ]) {
    const fetched = await safeFetch(address, { allow: [`127.0.0.1:${port}`] });
    assert.ok(!fetched.ok);
    assert.ok(!fetched.error.message.includes(secret), fetched.error.message);
  }
});
