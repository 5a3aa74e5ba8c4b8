import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readAgentSettings, readToken } from "#agent/settings.ts";

const valid = {
  port: 18_100,
  tokenFile: "token",
  stateFolder: "state",
  fleetFile: "fleet.json",
  environments: ["staging"],
  proxyPorts: { from: 18_110, to: 18_199 },
  servicePorts: { from: 18_200, to: 18_399 },
};

function write(t: TestContext, name: string, content: string, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-settings-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

test("Paths are relative to the file, and services are left running unless it says otherwise", (t) => {
  const file = write(t, "agent.json", JSON.stringify(valid), 0o600);
  const settings = readAgentSettings(file);
  assert.equal(settings.tokenFile, join(file, "..", "token"));
  assert.equal(settings.onStop, "leave");
});

for (const [title, change] of [
  ["a port where the system hands out its own", { port: 40_000 }],
  ["an empty range of ports", { proxyPorts: { from: 18_200, to: 18_200 } }],
  ["an environment whose name is a path", { environments: ["../x"] }],
  ["a setting nobody knows", { colour: "blue" }],
] as const) {
  test(`Settings with ${title} are refused with the name of the file`, (t) => {
    const file = write(t, "agent.json", JSON.stringify({ ...valid, ...change }), 0o600);
    assert.throws(() => readAgentSettings(file), /agent\.json: /);
  });
}

test("A token that others can read, or that is short, is not used", (t) => {
  const token = "t".repeat(32);
  assert.equal(readToken(write(t, "token", `${token}\n`, 0o600)), token);
  assert.throws(() => readToken(write(t, "token", token, 0o640)), /others can read/);
  assert.throws(() => readToken(write(t, "token", "short", 0o600)), /20 to 500/);
});
