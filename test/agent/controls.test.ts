import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer as createTlsServer, type SecureVersion } from "node:tls";
import { z } from "zod";
import { proveControls } from "#agent/controls/prove.ts";
import { controlSettings } from "#agent/controls/settings.ts";
import type { AgentControl } from "#contract/agent.ts";

/* Real listeners on loopback: what a probe says is what a client there would have met. */

const bound = z.object({ port: z.int() });
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "tg-controls-"));
  certificate("good", 90);
  certificate("short", 3);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Signed by itself, so it is its own authority. */
function certificate(name: string, days: number): void {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "rsa:2048", "-nodes", "-days", String(days)];
  execFileSync("openssl", ["req", "-x509", ...key, ...files, ...subject], { stdio: "ignore" });
}

async function portOf(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return bound.parse(server.address()).port;
}

interface Listening {
  readonly port: number;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function serving(listener: RequestListener): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 1 }, listener);
  const port = await portOf(server);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function speakingTls(name: string, minVersion: SecureVersion, maxVersion: SecureVersion): Promise<Listening> {
  const server = createTlsServer({
    key: readFileSync(join(folder, `${name}.key`)),
    cert: readFileSync(join(folder, `${name}.pem`)),
    minVersion,
    maxVersion,
    ciphers: "ALL:@SECLEVEL=0",
  });
  server.on("tlsClientError", () => undefined);
  server.on("secureConnection", (socket) => socket.on("error", () => undefined).end());
  const port = await portOf(server);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

async function prove(
  probe: object,
  version = 1,
  neighbours: Readonly<Record<string, number>> = {},
): Promise<AgentControl> {
  const control = controlSettings.parse({ name: "control", service: "shop", probe });
  const near = (service: string): readonly number[] =>
    Object.entries(neighbours).flatMap(([name, port]) => (name === service ? [port] : []));
  const [proven] = await proveControls([control], { version, neighbours: near });
  assert.ok(proven !== undefined);
  return proven;
}

const attack = "/search?q=%27%20OR%201=1--";
const waf = { kind: "refused", ordinary: { path: "/search?q=shoes" }, hostile: { path: attack } };

test("an attack that is refused while an ordinary request passes proves the filter", async () => {
  await using shop = await serving(({ url }, answer) => void answer.writeHead(url === attack ? 403 : 200).end("ok"));
  const control = await prove(waf, shop.port);
  assert.deepEqual([control.outcome, control.detail], ["proven", "The probe got 403, an ordinary request 200."]);
  assert.equal(control.facts["hostile"], `http://127.0.0.1:${shop.port}${attack}: 403 ok`);
});

test("an attack that goes through fails, whatever else is wrong", async () => {
  await using shop = await serving((_request, answer) => void answer.writeHead(200).end("ok"));
  assert.deepEqual((({ outcome, detail }) => [outcome, detail])(await prove(waf, shop.port)), [
    "failed",
    "The probe got 200, not 403.",
  ]);
});

test("a service that refuses everything, is away or sends elsewhere proves nothing", async () => {
  const port = await (async () => {
    await using closed = await serving((_request, answer) => void answer.writeHead(403).end("no"));
    const control = await prove(waf, closed.port);
    assert.equal(control.outcome, "inconclusive");
    assert.match(control.detail, /ordinary request got 403/);
    return closed.port;
  })();
  const away = await prove(waf, port);
  assert.deepEqual([away.outcome, away.detail], ["inconclusive", "The probe had no answer: ECONNREFUSED."]);
  let followed = 0;
  await using elsewhere = await serving((_request, answer) => {
    followed += 1;
    answer.writeHead(200).end("ok");
  });
  const location = `http://127.0.0.1:${elsewhere.port}/`;
  await using sending = await serving((_request, answer) => void answer.writeHead(302, { location }).end());
  assert.equal((await prove(waf, sending.port)).outcome, "failed", "302 is no refusal");
  assert.equal(followed, 0, "nobody has named where it leads");
});

for (const [title, certificateName, min, max, asked, outcome, detail] of [
  ["TLS 1.2 and 1.3 alone", "good", "TLSv1.2", "TLSv1.3", {}, "proven", /^TLSv1.3; nothing older than TLSv1.2/],
  ["TLS 1.0 among others", "good", "TLSv1", "TLSv1.3", {}, "failed", /^TLSv1 and TLSv1.1 is accepted/],
  [
    "TLS 1.2 where 1.3 is asked for",
    "good",
    "TLSv1.2",
    "TLSv1.3",
    { minVersion: "TLSv1.3" },
    "failed",
    /^TLSv1.2 is accepted/,
  ],
  [
    "TLS 1.2 at most where 1.3 is asked for",
    "good",
    "TLSv1.2",
    "TLSv1.2",
    { minVersion: "TLSv1.3" },
    "failed",
    /^TLSv1.2 is accepted/,
  ],
  ["a certificate of three days", "short", "TLSv1.2", "TLSv1.3", {}, "failed", /ends in [23] days; 14 are asked for/],
] as const) {
  test(`${title}: ${outcome}`, async () => {
    await using server = await speakingTls(certificateName, min, max);
    const caFile = join(folder, `${certificateName}.pem`);
    const probe = { kind: "tls", host: "127.0.0.1", serverName: "localhost", port: server.port, caFile, ...asked };
    const control = await prove(probe);
    assert.equal(control.outcome, outcome, JSON.stringify(control));
    assert.match(control.detail, detail);
  });
}

test("a certificate that nobody trusts fails; a port that is shut or speaks no TLS proves nothing", async () => {
  await using server = await speakingTls("good", "TLSv1.2", "TLSv1.3");
  const probe = { kind: "tls", host: "127.0.0.1", serverName: "localhost", port: server.port };
  assert.match((await prove(probe)).detail, /^Its certificate is not trusted/);
  await using plain = await serving((_request, answer) => void answer.end());
  assert.notEqual((await prove({ ...probe, port: plain.port })).outcome, "proven");
  assert.equal((await prove({ ...probe, port: 1 })).outcome, "inconclusive");
});

test("a caller's subject is seen where the version calls, or it is missing there", async () => {
  let seen = "nobody";
  await using pricing = await serving((_request, answer) => void answer.end(JSON.stringify({ subject: seen })));
  await using shop = await serving(({ headers }, answer) => {
    if (passesOn) seen = String(headers["x-subject"]);
    answer.end("ok");
  });
  let passesOn = false;
  const probe = {
    kind: "identity",
    subject: "probe@tidegate",
    call: { path: "/quote", headers: { "x-subject": "{subject}" } },
    seen: { to: "service:pricing-svc", path: "/last" },
    withinSeconds: 1,
  };
  const near = { "pricing-svc": pricing.port };
  const missing = await prove(probe, shop.port, near);
  assert.deepEqual(
    [missing.outcome, missing.detail],
    ["failed", "The caller's subject is missing at service:pricing-svc."],
  );
  passesOn = true;
  assert.equal((await prove(probe, shop.port, near)).outcome, "proven");
  assert.equal((await prove(probe, shop.port)).outcome, "inconclusive", "nobody could look");
});

test("what is stored is not plain text on disk, or it is, or nobody can tell", async () => {
  const file = join(folder, "data");
  let kept = "";
  let write = (text: string): void => writeFileSync(file, Buffer.from(text).toString("base64"));
  await using store = await serving((request, answer) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (request.method === "PUT") write((kept = body));
      answer.end(request.method === "PUT" ? "" : kept);
    });
  });
  const probe = {
    kind: "at-rest",
    store: { method: "PUT", path: "/notes/{nonce}", body: { note: "{nonce}" } },
    readBack: { path: "/notes/{nonce}" },
    files: [file],
    afterSeconds: 0,
  };
  writeFileSync(file, "");
  assert.equal((await prove(probe, store.port)).outcome, "proven");
  write = (text) => writeFileSync(file, `row ${text}`);
  const plain = await prove(probe, store.port);
  assert.deepEqual([plain.outcome, plain.detail], ["failed", `What was stored is plain text in ${file}.`]);
  const elsewhere = { ...probe, files: [join(folder, "good.pem")] };
  execFileSync("touch", ["-d", "2020-01-01", join(folder, "good.pem")]);
  assert.match((await prove(elsewhere, store.port)).detail, /None of the files changed/);
  assert.equal((await prove({ ...probe, files: ["/nowhere"] }, store.port)).outcome, "inconclusive");
});
