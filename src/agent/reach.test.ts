import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { z } from "zod";
import { instantOf, reach } from "#agent/reach.ts";

const bound = z.object({ port: z.int() });

test("A port where somebody listens is reached, one where nobody does is refused", async () => {
  const server = createServer((socket) => socket.resume().end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = bound.parse(server.address());
  const path = { name: "orders-db", host: "127.0.0.1", port, tls: false };
  const open = await reach(path);
  assert.deepEqual(
    [open.address, open.reached, open.detail],
    [`127.0.0.1:${port}`, true, "The connection was opened."],
  );
  const plain = await reach({ ...path, tls: true });
  assert.equal(plain.reached, false, "whoever does not speak TLS shows no certificate");
  server.close();
  await once(server, "close");
  const shut = await reach(path);
  assert.deepEqual([shut.reached, shut.detail], [false, "The connection was refused."]);
});

test("The end of a certificate is read as an instant, and anything else as unknown", () => {
  assert.equal(instantOf("Nov  2 09:05:00 2027 GMT"), "2027-11-02T09:05:00Z");
  assert.equal(instantOf("Dec 31 23:59:59 2049 GMT"), "2049-12-31T23:59:59Z");
  assert.equal(instantOf("2027-11-02"), null);
});
