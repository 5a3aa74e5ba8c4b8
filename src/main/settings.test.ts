import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSettings } from "#main/settings.ts";

const bare = { XDG_STATE_HOME: "/nowhere" };

test("a server without settings listens on loopback, keeps its own database and cannot shift its clock", () => {
  const settings = serverSettings({}, bare);
  assert.deepEqual(
    [settings.role, settings.host, settings.port, settings.databaseUrl],
    ["all", "127.0.0.1", 7070, null],
  );
  assert.deepEqual([settings.settableClock, settings.agent, settings.publicUrl], [false, null, null]);
});

test("flags win over the environment", () => {
  const settings = serverSettings({ port: "7072" }, { ...bare, TIDEGATE_PORT: "7073", TIDEGATE_ROLE: "worker" });
  assert.deepEqual([settings.port, settings.role], [7072, "worker"]);
});

for (const [flags, complaint] of [
  [{ role: "both" }, /--role takes all, api, worker/],
  [{ port: "70700" }, /1 to 32767/],
  [{ port: "x" }, /not "x"/],
  [{ agent: "http://127.0.0.1:1" }, /--agent-token-file/],
  [{ publicUrl: "tidegate.example.com" }, /https:\/\/tidegate\.example\.com/],
  [{ publicUrl: "https://tidegate.example.com/below" }, /--public-url/],
  [{ logLevel: "loud" }, /--log takes/],
] as const) {
  test(`${JSON.stringify(flags)} is refused with what to write instead`, () =>
    assert.throws(() => serverSettings(flags, bare), complaint));
}
