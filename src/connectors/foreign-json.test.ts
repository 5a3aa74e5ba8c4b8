import assert from "node:assert/strict";
import { test } from "node:test";
import { parseForeignJson } from "#connectors/foreign-json.ts";

test("What the store cannot hold is taken out of names and values, and nothing else", () => {
  const sent = String.raw`{"a\u0000b":["x\u0000","\ud83d","\ud83d\ude00",1,null,true],"path":"C:\\u0000"}`;
  assert.deepEqual(parseForeignJson(sent), { ab: ["x", "\ufffd", "\u{1f600}", 1, null, true], path: "C:\\u0000" });
});

test("What is no JSON is none", () => {
  assert.throws(() => parseForeignJson("{"), SyntaxError);
});
