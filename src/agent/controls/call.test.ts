import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ask, shown } from "#agent/controls/call.ts";

test("a service that shows what it was sent puts no credential of the probe on record", async () => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ sent: request.headers, nonce: request.url, client_secret: "letmein-please" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const headers = { authorization: "Basic cHJvYmU6bGV0bWVpbg==", "x-key": "opensesame" };
  const call = { to: `http://127.0.0.1:${address.port}`, method: "GET", path: "/{nonce}", headers } as const;
  const answered = await ask(call, { version: 1, neighbours: () => [] }, { nonce: "n-1" });
  server.close();
  assert.ok(answered.kind === "answer" && answered.text.includes("opensesame"), "the probe itself reads everything");
  assert.doesNotMatch(shown(answered), /cHJvYmU|opensesame|letmein/);
});
