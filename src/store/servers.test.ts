import assert from "node:assert/strict";
import { test } from "node:test";
import { serversIn } from "#store/servers.ts";

test("one server is what the driver makes of it, to the letter", () => {
  for (const text of [
    "postgres://app:secret@db.example:6432/tidegate?sslmode=verify-full",
    "postgresql://tidegate:x@localhost:5432/tidegate?host=%2Frun%2Fpostgres",
    "postgres:///tidegate",
  ]) {
    const servers = serversIn(text);
    assert.equal(servers.single, text);
    assert.equal(servers.all.length, 1);
  }
});

test("several servers are tried one after the other, and all who use them learn of it", () => {
  const text = "postgres://app:p%40ss@one:5433,two,[::1]:5434/tidegate?sslmode=require&target_session_attrs=read-write";
  const servers = serversIn(text);
  assert.equal(servers.single, "postgres://app:p%40ss@one:5433/tidegate?sslmode=require");
  const [one, two, three] = [
    { host: "one", port: 5433 },
    { host: "two", port: 5432 },
    { host: "::1", port: 5434 },
  ];
  assert.deepEqual(servers.all, [one, two, three]);
  const first = servers.current();
  servers.leave(first);
  assert.deepEqual(serversIn(text).current(), two);
  servers.leave(first);
  assert.deepEqual(servers.current(), two, "who finds out late moves nobody on");
  servers.leave(servers.current());
  servers.leave(servers.current());
  assert.deepEqual(servers.current(), one);
});

test("a standby is no place for decisions", () => {
  assert.throws(() => serversIn("postgres://one,two/tidegate?target_session_attrs=standby"), /write read-write/);
  assert.throws(() => serversIn("postgres://one,two/tidegate?target_session_attrs=prefer-standby"), /the primary/);
});
