import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import * as fc from "fast-check";
import { agentDeployer } from "#connectors/agent/connector.ts";
import { toFailure, toWeights } from "#connectors/agent/translate.ts";
import type { Deployer } from "#connectors/port.ts";

const target = { environment: "staging", service: "cart" };
const token = "a-token-of-more-than-20-characters";

async function against(answer: RequestListener, body: (deployer: Deployer) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    const url = `http://127.0.0.1:${address.port}`;
    await body(agentDeployer({ url, token, answerWithinMs: 150, effectWithinMs: 150 }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const [title, answer, code, retry] of [
  ["an HTML page with 200", (_q, r) => r.end("<html>Welcome</html>"), "bad-answer", "later"],
  ["JSON that is cut off", (_q, r) => r.end('{"versions":['), "bad-answer", "later"],
  ["JSON of another shape", (_q, r) => r.end('{"versions":[{"version":1}]}'), "bad-answer", "later"],
  ["fields nobody agreed on", (_q, r) => r.end('{"seconds":[],"completeBefore":1,"x":1}'), "bad-answer", "later"],
  ["nothing at all", () => undefined, "timeout", "later"],
  ["a broken connection", (_q, r) => r.destroy(), "unreachable", "later"],
  ["an answer that never ends", (_q, r) => r.write('{"versions":'), "timeout", "later"],
  ["503 in plain text", (_q, r) => r.writeHead(503).end("busy"), "http-503", "later"],
  ["a redirect", (_q, r) => r.writeHead(302, { location: "http://127.0.0.1:9/" }).end(), "unreachable", "later"],
  [
    "409 stale-fence",
    (_q, r) => r.writeHead(409).end('{"type":"about:blank","status":409,"code":"stale-fence","title":"Stop."}'),
    "stale-fence",
    "never",
  ],
  ["403 in plain text", (_q, r) => r.writeHead(403).end("no"), "http-403", "never"],
] as const satisfies readonly (readonly [string, RequestListener, string, string])[]) {
  test(`An agent that answers with ${title} gives the failure ${code}, to be tried ${retry}`, () =>
    against(answer, async (deployer) => {
      const seen = await deployer.observe(target);
      assert.ok(!seen.ok);
      assert.deepEqual([seen.error.code, seen.error.retry], [code, retry]);
      assert.ok(!seen.error.message.includes(token));
    }));
}

test("An answer larger than the limit is cut off and not read", () =>
  against(
    (_request, response) => {
      const part = Buffer.alloc(1024 * 1024, "x");
      for (let nth = 0; nth < 6; nth += 1) response.write(part);
      response.end();
    },
    async (deployer) => {
      const seen = await deployer.observe(target);
      assert.equal(!seen.ok && seen.error.code, "bad-answer");
    },
  ));

test("An agent that is away gives a failure to be tried later", async () => {
  const deployer = agentDeployer({ url: "http://127.0.0.1:9", token });
  const seen = await deployer.observe(target);
  assert.deepEqual(!seen.ok && [seen.error.code, seen.error.retry], ["unreachable", "later"]);
});

test("An agent beyond loopback is not accepted", () => {
  assert.throws(() => agentDeployer({ url: "http://10.1.2.3:8080", token }));
});

test("The weights of any share of a thousandth add up to 100 exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
      const weights = Object.values(toWeights("new", "old", thousandths / 1000));
      return Math.abs(weights.reduce((sum, each) => sum + each, 0) - 100) < 1e-9;
    }),
  );
});

test("Whatever the status and body, a failure has a code, a sentence and a way to go on", () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.anything(), (status, body) => {
      const { code, message, retry } = toFailure(status, body);
      return code !== "" && message !== "" && retry === (status >= 500 || status === 429 ? "later" : "never");
    }),
  );
});
