import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import { z } from "zod";
import { fleetFile } from "#agent/fleet.ts";
import { smoke } from "#agent/smoke.ts";
import type { ProcessRecord } from "#agent/state.ts";

const check = {
  name: "order-reaches-ledger",
  steps: [
    { method: "POST", path: "/orders", body: { order: "smoke-{nonce}" }, status: 202 },
    { at: "ledger-core", path: "/entries/smoke-{nonce}", status: 200, withinSeconds: 2 },
  ],
} as const;

function checksOf(checks: readonly unknown[]) {
  const service = { name: "shop", calls: [], checks, versions: {} };
  return fleetFile.safeParse({ services: [service] });
}

async function withServers<T>(listeners: readonly RequestListener[], body: (ports: readonly number[]) => Promise<T>) {
  const servers = listeners.map((listener) => createServer(listener).listen(0, "127.0.0.1"));
  try {
    await Promise.all(servers.map((server) => once(server, "listening")));
    return await body(servers.map((server) => z.object({ port: z.int() }).parse(server.address()).port));
  } finally {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

for (const [title, arrivesAfter, passed] of [
  ["that arrives at once", 0, true],
  ["that arrives at the second question", 1, true],
  ["that never arrives, from a version whose health is 200,", Number.POSITIVE_INFINITY, false],
] as const) {
  test(`An order ${title} ${passed ? "passes" : "fails"} the check, with 0 users`, async () => {
    let asked = 0;
    const shop: RequestListener = ({ method }, response) =>
      void response.writeHead(method === "POST" ? 202 : 200).end("{}");
    const ledger: RequestListener = (_, response) =>
      void response.writeHead(asked++ >= arrivesAfter ? 200 : 404).end("{}");
    const outcomes = await withServers([shop, ledger], async ([port = 0, other = 0]) => {
      const subject: ProcessRecord = {
        environment: "prod",
        service: "shop",
        version: "2.0.0",
        digest: `sha256:${"0".repeat(64)}`,
        instance: "x",
        pid: 1,
        startedAt: null,
        reason: null,
        port,
        state: "ready",
      };
      const read = checksOf([check]);
      return await smoke(subject, read.data?.services[0]?.checks ?? [], () => [other]);
    });
    const found = outcomes.find(({ name }) => name === check.name);
    assert.equal(found?.passed, passed);
    assert.equal(outcomes.find(({ name }) => name === "liveness")?.passed, true);
    if (!passed)
      assert.match(found?.detail ?? "", /^step 2, GET \/entries\/.* at ledger-core: within 2 s expected 200, got 404/);
  });
}

test("Only questions are asked again, and a suite has two minutes for them", () => {
  const [post, get] = check.steps;
  assert.ok(checksOf([check]).success);
  assert.ok(!checksOf([{ ...check, steps: [{ ...post, withinSeconds: 2 }] }]).success);
  const long = { ...check, steps: [{ ...get, withinSeconds: 70 }] };
  assert.ok(!checksOf([long, long]).success);
});
