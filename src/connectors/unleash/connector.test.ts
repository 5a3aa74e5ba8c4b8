import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import { z } from "zod";
import type { FlagKeeper } from "#connectors/port.ts";
import { unleashFlags } from "#connectors/unleash/connector.ts";

const place = { project: "default", flag: "new-cart", environment: "prod" };
const token = "shop:prod.a-token";
const path = "/api/admin/projects/default/features/new-cart/environments/prod";

async function withServer(listener: RequestListener, body: (flags: FlagKeeper) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  try {
    await body(unleashFlags({ url: `http://127.0.0.1:${port}/`, token, answerWithinMs: 2_000 }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A server with one flag, as the public description of the Admin API has it. */
function unleash(): RequestListener {
  let enabled = false;
  return (request, response) => {
    const { method, url, headers } = request;
    const answer = (status: number, body: unknown = {}): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (headers.authorization !== token) return answer(401, { name: "AuthenticationRequired" });
    if (method === "GET" && url === path) {
      return answer(200, { name: "prod", environment: "prod", type: "production", enabled, strategies: [] });
    }
    if (method === "POST" && (url === `${path}/on` || url === `${path}/off`)) {
      enabled = url.endsWith("/on");
      return answer(200);
    }
    answer(404, { name: "NotFoundError" });
  };
}

test("A flag is read, switched on and off, and what is unknown is told from what passes", () =>
  withServer(unleash(), async (flags) => {
    assert.deepEqual(await flags.read(place), { ok: true, value: { isOn: false } });
    for (const isOn of [true, true, false]) {
      assert.ok((await flags.switch({ ...place, isOn })).ok);
      assert.deepEqual(await flags.read(place), { ok: true, value: { isOn } });
    }
    const lost = await flags.read({ ...place, flag: "old cart/../x" });
    assert.deepEqual(!lost.ok && [lost.error.code, lost.error.retry], ["unknown-flag", "never"]);
  }));

for (const [title, listener, code, retry] of [
  ["a server that is busy", (_, response) => void response.writeHead(503).end(), "busy", "later"],
  ["a token that may not", (_, response) => void response.writeHead(403).end(), "refused", "never"],
  ["an answer without the state", (_, response) => void response.end("{}"), "bad-answer", "later"],
  ["a page", (_, response) => void response.end("<html>"), "bad-answer", "later"],
  ["another address", (_, response) => void response.writeHead(302, { location: "/x" }).end(), "unreachable", "later"],
  ["a cut connection", (request) => void request.socket.destroy(), "unreachable", "later"],
] satisfies (readonly [string, RequestListener, string, string])[]) {
  test(`Of ${title} the reader learns ${code}, ${retry}, and no secret`, () =>
    withServer(listener, async (flags) => {
      const read = await flags.read(place);
      assert.deepEqual(!read.ok && [read.error.code, read.error.retry], [code, retry]);
      assert.ok(!JSON.stringify(read).includes(token));
    }));
}
