import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildApp } from "#api/server.ts";
import { loadStaticFiles } from "#api/static-files.ts";
import { maxBuckets, tokenBuckets } from "#api/rate-limit.ts";
import { base, fakeApi, problemOf, start } from "#test/api/fakes.ts";

test("the process lives without asking anybody, and is ready while everything works", async () => {
  const api = fakeApi();
  assert.equal((await api.call("/livez", { as: null })).status, 200);
  const ready = await api.call("/readyz", { as: null });
  assert.equal(ready.status, 200);
  assert.match(await ready.text(), /"oldestDueSeconds":0/);
  assert.deepEqual(await (await api.call("/version", { as: null })).json(), { version: "0.1.0", zoneData: "2026c" });
});

test("a dependency that is away, or due work that nobody takes, makes it not ready and says why", async () => {
  const { deps } = fakeApi();
  const away = { name: "database", ready: false, reason: "It refuses connections." };
  const down = buildApp({ ...deps, health: { ...deps.health, dependencies: async () => [away] } });
  const first = await down.request(`${base}/readyz`);
  assert.equal(first.status, 503);
  assert.match(await first.text(), /refuses connections/);
  const oldestDueAt = async () => start.subtract({ minutes: 2 });
  const stuck = buildApp({ ...deps, health: { ...deps.health, oldestDueAt } });
  const second = await stuck.request(`${base}/readyz`);
  assert.equal(second.status, 503);
  assert.match(await second.text(), /Work has been due for 120 s/);
  assert.match(await (await stuck.request(`${base}/metrics`)).text(), /tidegate_oldest_due_seconds 120/);
});

test("metrics count requests by operation and never by path, verdicts by decision", async () => {
  const api = fakeApi();
  await api.call(`/v1/deployments/${api.seed()}`);
  await api.call("/etc/passwd");
  const body = { service: "a", version: "1", environment: "e" };
  await api.call("/v1/verdicts", { method: "POST", body });
  const text = await (await api.call("/metrics", { as: null })).text();
  assert.match(text, /tidegate_http_request_seconds_count\{method="GET",operation="getDeployment",status="200"\} 1/);
  assert.match(text, /operation="unknown",status="404"/);
  assert.match(text, /tidegate_verdicts_total\{decision="wait",gate="question"\} 1/);
  assert.match(text, /tidegate_deployments\{state="waiting"\} 1/);
  assert.match(text, /nodejs_eventloop_lag_p99_seconds/);
  assert.equal(text.includes("passwd") || text.includes("dep_"), false);
});

test("pages are served from memory: the start page for paths of the UI, nothing beyond the folder", async () => {
  const root = await mkdtemp(join(tmpdir(), "tidegate-web-"));
  await mkdir(join(root, "assets"));
  await writeFile(join(root, "index.html"), "<!doctype html><title>Tidegate</title>");
  await writeFile(join(root, "assets", "main-1a2b.js"), "export {};");
  await writeFile(join(root, "secret.pem"), "not for serving");
  const api = fakeApi({ web: await loadStaticFiles(root) });
  await rm(root, { recursive: true });
  const html = { as: null, headers: { accept: "text/html,*/*" } };
  for (const path of ["/", "/deployments/dep_1", "/calendar"]) {
    const page = await api.call(path, html);
    assert.equal(page.status, 200, path);
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("cache-control"), "no-cache");
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'self'; script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
  }
  const script = await api.call("/assets/main-1a2b.js", { as: null });
  assert.match(script.headers.get("cache-control") ?? "", /immutable/);
  const again = await api.call("/assets/main-1a2b.js", {
    as: null,
    headers: { "if-none-match": script.headers.get("etag") ?? "" },
  });
  assert.equal(again.status, 304);
  for (const path of [
    "/secret.pem",
    "/v1/nothing",
    "/deployments/x.css",
    "/assets/..%2findex.html",
    "/..%2f..%2fetc%2fpasswd",
  ]) {
    assert.equal((await problemOf(await api.call(path, html))).code, "not-found", path);
  }
  assert.equal((await problemOf(await api.call("/calendar", { as: null }))).code, "not-found", "a script gets no page");
  assert.equal((await api.call("/calendar", { ...html, method: "POST" })).status, 404);
});

test("an empty bucket is not forgotten for a crowd of new keys", () => {
  let nowMs = 0;
  const take = tokenBuckets({ burst: 1, perSecond: 0.1, nowMs: () => nowMs });
  assert.equal(take("attacker"), 0);
  assert.equal(take("attacker"), 10);
  for (let n = 0; n < maxBuckets * 2; n++) take(`other-${n}`);
  assert.ok(take("attacker") > 0);
  nowMs = 10_000;
  assert.equal(take("attacker"), 0);
  assert.equal(take("after-the-crowd"), 0, "full buckets have made room");
});
