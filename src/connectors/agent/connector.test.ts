import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import * as fc from "fast-check";
import { agentCommander } from "#connectors/agent/commander.ts";
import { exchangeHeader } from "#contract/agent.ts";
import { agentDeployer } from "#connectors/agent/connector.ts";
import { toFailure, toWeights } from "#connectors/agent/translate.ts";
import type { Deployer } from "#connectors/port.ts";

const target = { environment: "staging", service: "cart" };
const token = "a-token-of-more-than-20-characters";

async function against(
  answer: RequestListener,
  body: (deployer: Deployer, url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    const url = `http://127.0.0.1:${address.port}`;
    await body(agentDeployer({ url, token, answerWithinMs: 150, effectWithinMs: 150 }), url);
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

const observation = {
  environment: "staging",
  service: "cart",
  versions: [],
  fence: 1,
  url: "x",
  observedAt: "2027-01-01T00:00:00Z",
};

for (const [title, answer] of [
  ["another service", (_request, response) => response.end(JSON.stringify({ ...observation, service: "email" }))],
  [
    "another environment",
    (_request, response) => response.end(JSON.stringify({ ...observation, environment: "prod" })),
  ],
  [
    "another request",
    (_request, response) => {
      response.setHeader(exchangeHeader, "of-another-request");
      response.end(JSON.stringify(observation));
    },
  ],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`An answer for ${title} is none, and may be asked for again`, () =>
    against(answer, async (deployer) => {
      const seen = await deployer.observe(target);
      assert.deepEqual(!seen.ok && [seen.error.code, seen.error.retry], ["bad-answer", "later"]);
    }));
}

test("An agent of the version before, which names no exchange, is believed", () =>
  against(
    (_request, response) => response.end(JSON.stringify(observation)),
    async (deployer) => assert.ok((await deployer.observe(target)).ok),
  ));

const command = { ...target, work: { kind: "command", name: "drain", arguments: {} }, withinSeconds: 60 } as const;

for (const [title, status, body, code, retry] of [
  ["about another key", 200, { ...running("other") }, "bad-answer", "later"],
  ["about another service", 200, { ...running("key-1"), service: "email" }, "bad-answer", "later"],
  ["of a version without commands", 404, { code: "no-such-route", title: "x" }, "unknown-command", "never"],
] as const) {
  test(`An answer to a command ${title} is the failure ${code}, to be tried ${retry}`, () =>
    against(
      (_request, response) => response.writeHead(status).end(JSON.stringify(body)),
      async (_deployer, url) => {
        const answer = await agentCommander({ url, token }).run(command, { key: "key-1", fence: 1 });
        assert.deepEqual(!answer.ok && [answer.error.code, answer.error.retry], [code, retry]);
      },
    ));
}

function running(key: string): object {
  const output = { text: "", bytes: 0, isCut: false };
  return { ...target, key, state: "running", exitCode: null, isPassing: false, output, beatAt: "2027-01-01T00:00:00Z" };
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
