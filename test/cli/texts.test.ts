import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandEnd, exitOfProblem, exitOfVerdict } from "#cli/exit.ts";
import { printable, renderList, renderObject } from "#cli/output.ts";
import { watchText } from "#cli/rollout/live.ts";
import { connectionFrom, defaultServer } from "#cli/settings.ts";
import { toSecond } from "#cli/release/to-second.ts";
import { parseSubject } from "#cli/subject.ts";
import { parseAt, roughly } from "#cli/time.ts";

const rows = [
  { id: "a", size: 1 },
  { id: "longer", size: 22 },
];
const columns = [
  { title: "ID", text: (row: (typeof rows)[number]) => row.id },
  { title: "SIZE", text: (row: (typeof rows)[number]) => String(row.size) },
  { title: "TWICE", text: (row: (typeof rows)[number]) => String(2 * row.size), wide: true },
];
const nameOf = (row: (typeof rows)[number]): string => row.id;

for (const [format, expected] of [
  ["table", "ID      SIZE\na       1\nlonger  22\n"],
  ["wide", "ID      SIZE  TWICE\na       1     2\nlonger  22    44\n"],
  ["name", "a\nlonger\n"],
  ["jsonl", '{"id":"a","size":1}\n{"id":"longer","size":22}\n'],
] as const) {
  test(`a list as ${format}`, () => assert.equal(renderList(format, rows, columns, nameOf), expected));
}

test("an object as JSON is the answer of the server, and as a name its name", () => {
  assert.deepEqual(JSON.parse(renderObject("json", { a: 1 }, () => "plain\n", "x")), { a: 1 });
  assert.equal(
    renderObject("name", { a: 1 }, () => "plain\n", "x"),
    "x\n",
  );
  assert.equal(
    renderObject("table", { a: 1 }, () => "plain\n", "x"),
    "plain\n",
  );
});

test("text of others cannot steer the terminal", () => {
  assert.equal(printable("\u001b[2J\u202eevil\r\n"), "·[2J·evil··");
});

for (const [text, expected] of [
  ["2026-11-24T22:00[Europe/Berlin]", "2026-11-24T21:00:00Z"],
  ["2026-11-24T22:00:00+01:00", "2026-11-24T21:00:00Z"],
  ["2026-11-24T21:00:00Z", "2026-11-24T21:00:00Z"],
] as const) {
  test(`the instant ${text} is read`, () => assert.equal(parseAt(text).toString(), expected));
}

for (const text of ["2026-11-24T22:00", "tomorrow", "2026-11-24T22:00[Europe/Berln]", ""]) {
  test(`"${text}" is no instant, and the error says how to write one`, () => {
    assert.throws(
      () => parseAt(text),
      (error: unknown) => error instanceof CommandEnd && error.code === 2 && /\[Europe\/Berlin\]/.test(error.message),
    );
  });
}

test("a service and its version", () => {
  assert.deepEqual(parseSubject("cart@1.1.0"), { service: "cart", version: "1.1.0" });
  for (const wrong of ["cart", "@1.0.0", "cart@", ""]) assert.throws(() => parseSubject(wrong), CommandEnd);
});

for (const [seconds, expected] of [
  [12, "12 s"],
  [150, "2 m"],
  [3 * 3600 + 12 * 60, "3 h 12 m"],
  [76 * 3600, "3 d 4 h"],
] as const) {
  test(`${seconds} s are about ${expected}`, () =>
    assert.equal(roughly(Temporal.Duration.from({ seconds })), expected));
}

test("what is watched is shown without parts of a second, and words of others cannot steer the terminal", () => {
  const at = "2026-11-24T21:00:00.123456789Z";
  const text = watchText({
    deployment: "dep_1",
    service: "cart",
    version: "1.1.0",
    environment: "prod",
    watch: "after-live",
    phase: "over",
    isBlind: false,
    liveAt: at,
    armedUntil: at,
    watchedUntil: at,
    limits: [],
    stabilisation: {
      watcher: "ann",
      escalate: null,
      nextCheckIn: at,
      prolonged: 0,
      criteria: [{ name: "errors", isGreen: true, sentence: "errors\u001b[2J" }],
      checkIns: [{ at, person: "ann", isWell: true, sentence: "All well.\u001b[2J" }],
    },
    exit: { how: "green", at, by: null, reason: null },
    notices: [],
    actions: [],
  });
  assert.equal(text.match(/2026-11-24T21:00:00Z/g)?.length, 5);
  assert.ok(!text.includes(".123") && !text.includes("\u001b"));
});

test("a table shows no parts of a second", () => {
  assert.equal(toSecond("2026-11-24T21:00:00.123456789Z"), "2026-11-24T21:00:00Z");
  assert.equal(toSecond("2026-11-24T21:00:00Z"), "2026-11-24T21:00:00Z");
});

test("exit codes say what a script must know", () => {
  assert.deepEqual((["allow", "deny", "wait", "hold"] as const).map(exitOfVerdict), [0, 3, 5, 5]);
  const problem = { type: "", title: "", code: "", detail: "", requestId: "" };
  assert.deepEqual(
    [401, 403, 409, 429, 503, 400, 404, 422, 500].map((status) => exitOfProblem({ ...problem, status })),
    [4, 3, 6, 5, 5, 2, 2, 1, 1],
  );
});

test("flags win over the environment, and without anything it is the server on this machine", () => {
  const env = { TIDEGATE_SERVER: "http://127.0.0.1:1/", TIDEGATE_TOKEN: "from-env", XDG_CONFIG_HOME: "/nonexistent" };
  assert.deepEqual(connectionFrom({ server: "http://127.0.0.1:2", token: undefined }, env), {
    server: "http://127.0.0.1:2",
    token: "from-env",
  });
  assert.deepEqual(connectionFrom({}, env), { server: "http://127.0.0.1:1", token: "from-env" });
  assert.deepEqual(connectionFrom({}, { XDG_CONFIG_HOME: "/nonexistent" }), { server: defaultServer, token: null });
});
