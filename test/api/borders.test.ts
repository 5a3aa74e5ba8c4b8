import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "#contract/registry.ts";
import { maxJsonDepth } from "#api/json-text.ts";
import { base, fakeApi, issue, problemOf, start, type CallOptions } from "#test/api/fakes.ts";

const deployment = { service: "checkout-api", version: "5.0.1", environment: "prod-emea" };
const post = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): CallOptions => ({
  method: "POST",
  raw,
  headers,
});

async function loggedIn() {
  const api = fakeApi();
  const response = await api.call("/v1/sessions", { method: "POST", as: null, body: { token: api.tokens.developer } });
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { api, cookie, response };
}

test("only the hosts of the list are answered, in the header and in the request line", async () => {
  const { app } = fakeApi();
  for (const [url, host] of [
    ["http://evil.example/v1/me", undefined],
    [`${base}/v1/me`, "evil.example"],
    [`${base}/v1/me`, "127.0.0.1:7071"],
    ["http://localhost:7070/v1/me", "127.0.0.1:7070"],
    [`${base}/metrics`, "rebound.example:7070"],
  ] as const) {
    const response = await app.request(url, {
      headers: { ...(host === undefined ? {} : { host }), "x-forwarded-host": "127.0.0.1:7070" },
    });
    assert.equal((await problemOf(response)).code, "unknown-host", `${url} ${host}`);
  }
  assert.equal((await app.request("http://10.0.0.7:7070/livez")).status, 200);
});

test("a mutating call from another site is refused, whatever it carries", async () => {
  const { api, cookie } = await loggedIn();
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:7070.evil.example" },
    { origin: "http://127.0.0.1:70701" },
    { origin: "https://127.0.0.1:7070" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: base },
  ]) {
    for (const credential of [{ cookie }, { authorization: `Bearer ${api.tokens.developer}` }]) {
      const options = { method: "POST", as: null, body: deployment, headers: { ...credential, ...headers } };
      const response = await api.call("/v1/deployments", options);
      assert.equal((await problemOf(response)).code, "foreign-origin", JSON.stringify(headers));
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    }
  }
  assert.deepEqual(api.done, []);
});

test("what the cookie changes must say that it comes from our own page", async () => {
  const { api, cookie } = await loggedIn();
  const send = (headers: Record<string, string>) =>
    api.call("/v1/deployments", { method: "POST", as: null, body: deployment, headers: { cookie, ...headers } });
  assert.equal((await send({})).status, 403);
  assert.equal((await send({ origin: base })).status, 202);
  assert.equal((await send({ "sec-fetch-site": "same-origin" })).status, 202);
  const stream = await api.call("/v1/events", { as: null, headers: { cookie, origin: "https://evil.example" } });
  assert.equal((await problemOf(stream)).code, "foreign-origin");
  assert.equal((await api.call("/v1/events", { as: null, headers: { cookie } })).status, 403);
});

test("a page of another site cannot log a browser in", async () => {
  const api = fakeApi();
  const headers = { origin: "https://evil.example" };
  const response = await api.call("/v1/sessions", {
    method: "POST",
    as: null,
    body: { token: api.tokens.viewer },
    headers,
  });
  assert.equal((await problemOf(response)).code, "foreign-origin");
});

for (const [title, options, code] of [
  ["JSON as text/plain", post(JSON.stringify(deployment), { "content-type": "text/plain" }), "not-json"],
  ["a form", post("service=a", { "content-type": "application/x-www-form-urlencoded" }), "not-json"],
  ["another charset", post("{}", { "content-type": "application/json; charset=utf-16" }), "not-json"],
  ["a compressed body", post("{}", { "content-encoding": "gzip" }), "not-json"],
  ["a body that is not JSON", post("{"), "invalid-request"],
  ["an empty body", post(""), "invalid-request"],
  ["a list", post("[]"), "invalid-request"],
  ["null", post("null"), "invalid-request"],
  ["bytes that are not UTF-8", post(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)), "invalid-request"],
  ["a byte order mark", post("\ufeff{}"), "invalid-request"],
  ["nesting beyond the limit", post("[".repeat(maxJsonDepth + 1) + "]".repeat(maxJsonDepth + 1)), "invalid-request"],
  ["nesting by the thousand", post(`{"a":`.repeat(9000)), "invalid-request"],
  ["a name twice", post('{"service":"a","service":"b"}'), "invalid-request"],
  ["a name twice, once in disguise", post('{"service":"a","s\\u0065rvice":"b"}'), "invalid-request"],
  ["__proto__", post('{"__proto__":{"allowed":true}}'), "invalid-request"],
  ["__proto__ in disguise", post('{"\\u005f_proto__":{"allowed":true}}'), "invalid-request"],
  ["constructor.prototype", post('{"constructor":{"prototype":{"allowed":true}}}'), "invalid-request"],
  ["U+0000 in a string", post(JSON.stringify({ ...deployment, version: "1\u0000" })), "invalid-request"],
  ["a lone surrogate", post('{"service":"\\ud800"}'), "invalid-request"],
  ["an infinite number", post('{"service":1e400}'), "invalid-request"],
  ["a field of the record", post(JSON.stringify({ ...deployment, state: "succeeded" })), "invalid-request"],
  ["a subject of one's own", post(JSON.stringify({ ...deployment, requestedBy: "operator" })), "invalid-request"],
  ["a list for a string", post(JSON.stringify({ ...deployment, service: ["checkout-api"] })), "invalid-request"],
  ["an object for a string", post(JSON.stringify({ ...deployment, service: { $ne: null } })), "invalid-request"],
  ["a body above the limit", post(JSON.stringify({ ...deployment, x: "x".repeat(70_000) })), "too-large"],
] as const) {
  test(`${title} is refused as ${code}, and nothing is done`, async () => {
    const api = fakeApi();
    const response = await api.call("/v1/deployments", options);
    assert.equal((await problemOf(response)).code, code);
    assert.deepEqual(api.done, []);
    assert.equal(Object.hasOwn(Object.prototype, "allowed"), false);
  });
}

test("a body without end is cut off at the limit", async () => {
  const api = fakeApi();
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 16_384;
      controller.enqueue(new Uint8Array(16_384).fill(0x20));
    },
  });
  const response = await api.call("/v1/deployments", { method: "POST", raw: endless });
  assert.equal((await problemOf(response)).code, "too-large");
  assert.ok(sent < 4 * 64 * 1024, `${sent} bytes were taken`);
});

test("every unknown field is named with its place", async () => {
  const api = fakeApi();
  const response = await api.call("/v1/deployments", {
    method: "POST",
    body: { ...deployment, seq: 1, approved_by: "me" },
  });
  assert.deepEqual((await problemOf(response)).problems, [
    { path: "body.seq", message: "is not known here" },
    { path: "body.approved_by", message: "is not known here" },
  ]);
});

test("a query with a name twice, an unknown name, a wrong type or what no store can hold is refused", async () => {
  const api = fakeApi();
  for (const query of [
    "limit=1&limit=2",
    "fields=credentials",
    "limit=x",
    "limit=0",
    "limit=1e9",
    "cursor=%00",
    "service=a%00b",
    "__proto__=1",
    "state=%ff",
    "environment=prod' or 1=1 --",
    `service=${"a".repeat(5000)}`,
  ]) {
    const response = await api.call(`/v1/deployments?${query}`);
    assert.equal((await problemOf(response)).code, "invalid-request", query);
  }
});

test("ids that are none are refused before anything is looked up", async () => {
  const api = fakeApi();
  for (const id of ["1", "dep_1", "%00", "..%2f..%2fetc", `DEP_${"0".repeat(32)}`, `dep_${"0".repeat(33)}`]) {
    const response = await api.call(`/v1/deployments/${id}`);
    assert.ok([400, 404].includes(response.status), id);
    await problemOf(response);
  }
});

test("unknown paths answer 404 and unknown methods 405 with what is allowed", async () => {
  const api = fakeApi();
  for (const path of [
    "/v1",
    "/v1/nothing",
    "/v1/deployments/",
    "/v1/deployments;.json",
    "/V1/me",
    "//v1/me",
    "/v1/me/x.css",
  ]) {
    assert.equal((await problemOf(await api.call(path))).code, "not-found", path);
  }
  for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
    const response = await api.call("/v1/deployments", { method });
    assert.equal((await problemOf(response)).code, "method-not-allowed", method);
    assert.equal(response.headers.get("allow"), "GET, POST, HEAD");
  }
  assert.equal((await api.call("/v1/deployments", { method: "HEAD" })).status, 200);
});

test("every answer, good or bad, tells browsers to trust nothing beyond it", async () => {
  const api = fakeApi({ secure: true });
  for (const path of ["/v1/me", "/v1/deployments?limit=x", "/nothing", "/livez", "/metrics", "/openapi.json"]) {
    const { headers } = await api.call(path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("strict-transport-security") ?? "", /max-age=31536000/);
    assert.match(headers.get("x-request-id") ?? "", /^req_[0-9a-f]{32}$/);
  }
});

test("a request id is taken over when it is plainly one and made anew otherwise", async () => {
  const api = fakeApi();
  const given = await api.call("/v1/me", { headers: { "x-request-id": "pipeline-4711" } });
  assert.equal(given.headers.get("x-request-id"), "pipeline-4711");
  const hostile = await api.call("/v1/me", { headers: { "x-request-id": 'x","level":"error' } });
  assert.match(hostile.headers.get("x-request-id") ?? "", /^req_/);
});

test("an answer to GET has a weak tag that does not depend on when it was read", async () => {
  const api = fakeApi();
  const path = `/v1/deployments/${api.seed()}`;
  const first = await api.call(path);
  const etag = first.headers.get("etag") ?? "";
  assert.match(etag, /^W\/"/);
  api.time.now = start.add({ seconds: 5 });
  const later = await api.call(path, { headers: { "if-none-match": `"other", ${etag}` } });
  assert.equal(later.status, 304);
  assert.equal(await later.text(), "");
  assert.equal((await api.call(path, { headers: { "if-none-match": 'W/"other"' } })).status, 200);
});

test("an answer that says wait says for how long", async () => {
  const api = fakeApi();
  const response = await api.call("/v1/verdicts", { method: "POST", body: deployment });
  assert.equal(response.headers.get("retry-after"), String(64 * 3600));
  const requested = await api.call("/v1/deployments", { method: "POST", body: deployment });
  assert.equal(requested.headers.get("retry-after"), String(64 * 3600));
});

test("an account that calls too often is told when to come back; others are not slowed", async () => {
  const api = fakeApi({ limits: { callBurst: 3, callsPerSecond: 0.001 } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.call("/v1/me")));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 429, 429],
  );
  assert.ok(Number(answers[4]?.headers.get("retry-after")) >= 1);
  assert.equal((await api.call("/v1/me", { as: "viewer" })).status, 200);
});

test("guessing tokens is slow: at the log-in and at every other door", async () => {
  const api = fakeApi({ limits: { attemptBurst: 3, attemptsPerMinute: 1 } });
  const guess = { as: null, method: "POST", body: { token: "tg_guess" } };
  const codes: string[] = [];
  for (let n = 0; n < 4; n++) codes.push((await problemOf(await api.call("/v1/sessions", guess))).code);
  assert.deepEqual(codes, ["bad-token", "bad-token", "bad-token", "too-many-attempts"]);
  const wrong = await api.call("/v1/me", { as: null, headers: { authorization: "Bearer tg_guess" } });
  assert.equal(wrong.status, 429);
  assert.equal((await api.call("/v1/me")).status, 200, "who has a token is not locked out by guesses");
});

test("no secret and no query gets into the log, and hostile text stays one record a line", async () => {
  const api = fakeApi();
  const canary = issue(api.stored, "developer");
  const secretHalf = canary.split("_")[2] ?? "";
  await api.call("/v1/sessions", { method: "POST", as: null, body: { token: canary } });
  await api.call("/v1/me", { as: null, headers: { authorization: `Bearer ${canary}` } });
  await api.call("/v1/me", { as: null, headers: { cookie: `tidegate=${canary}` } });
  await api.call(`/v1/deployments?cursor=${canary}`);
  await api.call(`/${canary}`);
  await api.call("/v1/x%0d%0a%1b[31m\u202e");
  api.deps.log.error({ err: new Error(`bad ${canary}`), authorization: canary, nested: { cookie: canary } }, "a\nb");
  api.deps.log.info({ text: "x".repeat(10_000_000) }, "long");
  const all = api.lines.join("");
  assert.equal(all.includes(secretHalf), false);
  assert.equal(all.includes("\u202e") || all.includes("\u001b"), false);
  for (const line of api.lines) {
    assert.ok(line.length < 20_000 && line.indexOf("\n") === line.length - 1);
    JSON.parse(line);
  }
  assert.ok(api.lines.some((line) => JSON.parse(line).msg === "a log line was too long"));
});

test("every path of the contract refuses a body at GET-like calls it does not know and stays up", async () => {
  const api = fakeApi();
  for (const { path } of Object.values(contract)) {
    const response = await api.call(path, { method: "PATCH", body: {} });
    assert.equal(response.status, 405, path);
  }
});
