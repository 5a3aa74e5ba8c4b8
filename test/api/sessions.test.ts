import assert from "node:assert/strict";
import { test } from "node:test";
import { createToken, me } from "#contract/access.ts";
import { fakeApi, base, issue, problemOf, start, type FakeApi } from "#test/api/fakes.ts";

const tokenAnswer = createToken.answers[200];

async function logIn(api: FakeApi, token: string, headers: Record<string, string> = {}) {
  const response = await api.call("/v1/sessions", { method: "POST", as: null, body: { token }, headers });
  const header = response.headers.get("set-cookie") ?? "";
  return { response, header, cookie: header.split(";")[0] ?? "" };
}

const whoAmI = (api: FakeApi, cookie: string) => api.call("/v1/me", { as: null, headers: { cookie } });

test("the session cookie cannot be read by scripts nor sent by other sites", async () => {
  const plain = await logIn(fakeApi(), fakeApi().tokens.viewer);
  assert.equal(plain.response.status, 401, "a token of another installation");
  const api = fakeApi();
  const { header } = await logIn(api, api.tokens.viewer);
  assert.match(header, /^tidegate=tg_[0-9a-f]{32}_[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  const behindTls = fakeApi({ secure: true });
  const secure = await logIn(behindTls, behindTls.tokens.viewer);
  assert.match(secure.header, /^__Host-tidegate=.*; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
  assert.equal(secure.header.includes("Domain"), false);
});

test("a log-in always begins a new session, and the cookie that was there before is worth nothing", async () => {
  const api = fakeApi();
  const preset = `tidegate=tg_${"1".repeat(32)}_${"2".repeat(64)}`;
  const first = await logIn(api, api.tokens.viewer, { cookie: preset, origin: base });
  const second = await logIn(api, api.tokens.viewer);
  assert.notEqual(first.cookie, preset);
  assert.notEqual(first.cookie, second.cookie);
  assert.equal((await whoAmI(api, preset)).status, 401);
  assert.equal((await whoAmI(api, first.cookie)).status, 200);
  assert.equal((await whoAmI(api, `${first.cookie}; ${second.cookie}`)).status, 401, "two of them are none");
});

test("a session ends by log-out, by its own age, and with the token that it came from", async () => {
  const api = fakeApi();
  const token = api.tokens.viewer;
  const left = await logIn(api, token);
  const out = await api.call("/v1/sessions", {
    method: "DELETE",
    as: null,
    headers: { cookie: left.cookie, origin: base },
  });
  assert.deepEqual(await out.json(), { ended: true });
  assert.match(out.headers.get("set-cookie") ?? "", /^tidegate=; .*Max-Age=0/);
  assert.equal((await whoAmI(api, left.cookie)).status, 401);

  const kept = await logIn(api, token);
  const id = `tok_${token.split("_")[1]}`;
  assert.deepEqual(await (await api.call(`/v1/tokens/${id}`, { method: "DELETE", as: "viewer" })).json(), {
    revoked: true,
  });
  assert.equal((await whoAmI(api, kept.cookie)).status, 401);
  assert.equal((await api.call("/v1/me", { as: "viewer" })).status, 401);

  const other = await logIn(api, api.tokens.developer);
  api.time.now = start.add({ hours: 12 });
  assert.equal((await whoAmI(api, other.cookie)).status, 401);
  assert.equal((await api.call("/v1/me")).status, 200);
});

test("a session is no token and a token is no session", async () => {
  const api = fakeApi();
  const { cookie } = await logIn(api, api.tokens.viewer);
  const text = cookie.slice("tidegate=".length);
  assert.equal((await api.call("/v1/me", { as: null, headers: { authorization: `Bearer ${text}` } })).status, 401);
  assert.equal((await whoAmI(api, `tidegate=${api.tokens.viewer}`)).status, 401);
  assert.equal((await logIn(api, text)).response.status, 401);
});

test("a token is shown once, is stored as a hash, and ends at its hour", async () => {
  const api = fakeApi();
  const body = { account: "developer-bot", label: "ci", expiresInHours: 2 };
  const made = tokenAnswer.parse(await (await api.call("/v1/tokens", { method: "POST", body })).json());
  assert.equal(made.expiresAt, "2026-03-25T10:00:00Z");
  const stored = JSON.stringify([...api.stored.values()]);
  assert.equal(stored.includes(made.token.split("_")[2] ?? "?"), false);
  assert.equal(JSON.stringify(api.audit).includes(made.token.split("_")[2] ?? "?"), false);
  const use = () => api.call("/v1/me", { as: null, headers: { authorization: `Bearer ${made.token}` } });
  const identity = me.parse(await (await use()).json());
  assert.equal(identity.account, "developer-bot");
  const changed = `${made.token.slice(0, -1)}${made.token.endsWith("0") ? "1" : "0"}`;
  assert.equal((await api.call("/v1/me", { as: null, headers: { authorization: `Bearer ${changed}` } })).status, 401);
  api.time.now = start.add({ hours: 2 });
  assert.equal((await use()).status, 401);
});

test("a token makes none that is another's, broader or longer", async () => {
  const api = fakeApi();
  const make = (body: object, headers: Record<string, string> = {}) =>
    api.call("/v1/tokens", { method: "POST", body, headers });
  const short = tokenAnswer.parse(
    await (await make({ account: "developer-bot", label: "short", expiresInHours: 1 })).json(),
  );
  const by = { authorization: `Bearer ${short.token}` };
  const longer = await make({ account: "developer-bot", label: "long", expiresInHours: 2 }, by);
  assert.equal((await problemOf(longer)).code, "outlives-its-maker");
  const foreign = await make({ account: "administrator@example", label: "x", expiresInHours: 1 });
  assert.equal((await problemOf(foreign)).code, "not-your-account");
  const broader = await make({ account: "developer-bot", label: "x", expiresInHours: 1, roles: ["administrator"] });
  assert.equal((await problemOf(broader)).code, "invalid-request");
  const { cookie } = await logIn(api, short.token);
  const bySession = { method: "POST", as: null, headers: { cookie, origin: base } };
  const longerBySession = await api.call("/v1/tokens", {
    ...bySession,
    body: { account: "developer-bot", label: "x", expiresInHours: 2 },
  });
  assert.equal(longerBySession.status, 403);
});

test("another person's token cannot be revoked, and the answer does not tell whether it exists", async () => {
  const api = fakeApi();
  const foreign = `tok_${issue(api.stored, "operator").split("_")[1]}`;
  for (const id of [foreign, `tok_${"0".repeat(32)}`]) {
    const response = await api.call(`/v1/tokens/${id}`, { method: "DELETE" });
    assert.deepEqual([response.status, await response.json()], [200, { revoked: false }]);
  }
});

test("every act on credentials is on record with who did it and how", async () => {
  const api = fakeApi();
  const { cookie } = await logIn(api, api.tokens.developer);
  const headers = { cookie, origin: base };
  await api.call("/v1/tokens", {
    method: "POST",
    as: null,
    headers,
    body: { account: "developer-bot", label: "ci", expiresInHours: 1 },
  });
  await api.call("/v1/sessions", { method: "DELETE", as: null, headers });
  assert.deepEqual(
    api.audit.map(({ action, actor }) => `${actor.person} ${actor.method} ${action}`),
    ["developer session session.begin", "developer session token.create", "developer session session.end"],
  );
  assert.ok(api.audit.every(({ requestId }) => requestId?.startsWith("req_")));
});

test("use of a token is noted at most once a minute", async () => {
  const api = fakeApi();
  const id = `tok_${api.tokens.viewer.split("_")[1]}`;
  const lastUse = () => api.stored.get(id)?.lastUsedAt?.toString();
  await api.call("/v1/me", { as: "viewer" });
  assert.equal(lastUse(), start.toString());
  api.time.now = start.add({ seconds: 59 });
  await api.call("/v1/me", { as: "viewer" });
  assert.equal(lastUse(), start.toString());
  api.time.now = start.add({ seconds: 60 });
  await api.call("/v1/me", { as: "viewer" });
  assert.equal(lastUse(), start.add({ seconds: 60 }).toString());
});
