import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { gitHubAnswerer } from "#connectors/github/connector.ts";
import { callbackRun } from "#connectors/hooks/github.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" });
const now = 1_800_000_000;

interface Call {
  readonly path: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** GitHub as its description has it: tokens of an installation for the app's own, and reviews for those. */
async function fakeGitHub(reviewStatus: () => number) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const path = request.url ?? "";
      const authorization = request.headers.authorization ?? "";
      calls.push({ path, authorization, body: JSON.parse(text) });
      if (path === "/app/installations/5/access_tokens") {
        response.statusCode = isOfApp(authorization) ? 201 : 401;
        response.end(JSON.stringify({ token: "ghs_x", expires_at: "2027-01-15T09:00:00Z" }));
        return;
      }
      response.statusCode = authorization === "Bearer ghs_x" ? reviewStatus() : 401;
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  return { calls, url, [Symbol.asyncDispose]: async () => void server.close() };
}

function isOfApp(authorization: string): boolean {
  const [head = "", claims = "", signature = ""] = authorization.replace("Bearer ", "").split(".");
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, "base64url").toString());
  const isSigned = verify("sha256", Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, "base64url"));
  return isSigned && iss === "77" && iat < now && exp > now && exp - iat <= 600;
}

const answer = { environment: "prod", installation: 5, state: "approved", comment: "x".repeat(5000) } as const;

test("a rule is answered as the app's installation, in the words of GitHub", async () => {
  await using github = await fakeGitHub(() => 204);
  const answerer = gitHubAnswerer({ apiUrl: github.url, appId: "77", privateKey: pem }, () => now);
  const url = `${github.url}/repos/acme/cart/actions/runs/7/deployment_protection_rule`;
  assert.deepEqual(await answerer.answer({ ...answer, url }), { ok: true, value: undefined });
  assert.deepEqual(github.calls.at(-1)?.body, {
    environment_name: "prod",
    state: "approved",
    comment: "x".repeat(1000),
  });
});

for (const [status, retry] of [
  [500, "later"],
  [429, "later"],
  [404, "never"],
  [422, "never"],
] as const) {
  test(`an answer of ${status} is tried again ${retry}`, async () => {
    await using github = await fakeGitHub(() => status);
    const answerer = gitHubAnswerer({ apiUrl: github.url, appId: "77", privateKey: pem }, () => now);
    const url = `${github.url}/repos/acme/cart/actions/runs/7/deployment_protection_rule`;
    const answered = await answerer.answer({ ...answer, url });
    assert.equal(!answered.ok && answered.error.retry, retry);
  });
}

test("the app's token goes to callbacks of runs at its own GitHub and nowhere else", async () => {
  await using github = await fakeGitHub(() => 204);
  const answerer = gitHubAnswerer({ apiUrl: github.url, appId: "77", privateKey: pem }, () => now);
  for (const url of [
    "http://127.0.0.1:1/repos/acme/cart/actions/runs/7/deployment_protection_rule",
    `${github.url}/repos/acme/cart/actions/runs/7`,
    `${github.url}/app/installations/5/access_tokens`,
    "nonsense",
  ]) {
    const answered = await answerer.answer({ ...answer, url });
    assert.equal(!answered.ok && answered.error.code, "foreign-callback", url);
  }
  assert.deepEqual(github.calls, []);
});

test("only the callback of a run names a run", () => {
  const of = (path: string) => callbackRun(`https://api.github.com${path}`);
  assert.deepEqual(of("/repos/a/b/actions/runs/7/deployment_protection_rule"), { repository: "a/b", run: "7" });
  assert.equal(of("/repos/a/b/actions/runs/7/cancel"), null);
  assert.equal(of("/repos/a/b/c/actions/runs/7/deployment_protection_rule")?.repository ?? null, null);
});
