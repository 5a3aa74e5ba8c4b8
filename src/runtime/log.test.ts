import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, maxLineChars, tidy } from "#runtime/log.ts";

function capture() {
  const lines: string[] = [];
  const log = createLog({ level: "info", destination: { write: (line: string) => void lines.push(line) } });
  return { lines, log };
}

test("a line is one JSON object with the time, the level as a word, the fields and the sentence", () => {
  const { lines, log } = capture();
  log.info({ operation: "whoAmI" }, "answered");
  const line = JSON.parse(lines[0] ?? "");
  assert.equal(line.level, "info");
  assert.equal(line.operation, "whoAmI");
  assert.equal(line.msg, "answered");
  assert.match(line.time, /^\d{4}-\d\d-\d\dT.*Z$/);
});

test("below its level a log says nothing", () => {
  const { lines, log } = capture();
  log.debug({}, "detail");
  assert.deepEqual(lines, []);
});

for (const field of ["authorization", "cookie", "set-cookie", "token", "secret", "password", "secretHash"]) {
  test(`the value of ${field} is left out on three levels`, () => {
    const { lines, log } = capture();
    log.info({ [field]: "canary-1", a: { [field]: "canary-2", b: { [field]: "canary-3" } } }, "x");
    assert.equal(lines.join("").includes("canary"), false);
  });
}

test("a token in free text loses its secret half and keeps its id, which is no secret", () => {
  const id = "0123456789abcdef".repeat(2);
  const line = tidy(`{"msg":"bad tg_${id}_${"f".repeat(64)}"}\n`);
  assert.equal(line, `{"msg":"bad tg_${id}_[redacted]"}\n`);
});

test("what steers terminals or reorders text is written as an escape", () => {
  const { lines, log } = capture();
  const hostile = "\u001b[31m\u009b31m\u202egnp.exe\u2028\u2066\r\n";
  log.info({ hostile }, "x");
  assert.doesNotMatch((lines[0] ?? "").trimEnd(), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
  assert.equal(JSON.parse(lines[0] ?? "").hostile, hostile, "and nothing is lost");
});

test("a line that is too long is replaced by its beginning and its length", () => {
  const { lines, log } = capture();
  log.info({ text: "x".repeat(maxLineChars) }, "x");
  const line = JSON.parse(lines[0] ?? "");
  assert.ok(line.length > maxLineChars);
  assert.equal(line.start.length, 2000);
});
