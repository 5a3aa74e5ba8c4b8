import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { allowedCommand, faultOfCommand, toArguments } from "#agent/allowed.ts";

const drain = allowedCommand.parse({
  name: "drain",
  program: "/opt/drain",
  args: ["--queue", { parameter: "queue" }, { parameter: "limit", prefix: "--limit=" }, "--end"],
  parameters: {
    queue: { type: "name" },
    limit: { type: "integer", min: 1, max: 10 },
    mode: { type: "choice", of: ["fast", "safe; slow"] },
  },
});
const good = { queue: "orders", limit: 3, mode: "fast" };

test("Values stand in their places, each an argument of its own", () => {
  const args = toArguments(drain, good);
  assert.deepEqual(args.ok && args.value, ["--queue", "orders", "--limit=3", "--end"]);
});

for (const [what, given] of [
  ["a number out of bounds", { ...good, limit: 11 }],
  ["a number that is a text", { ...good, limit: "3" }],
  ["half a number", { ...good, limit: 1.5 }],
  ["a choice that is none", { ...good, mode: "slow" }],
  ["a name with a line feed", { ...good, queue: "a\nb" }],
  ["an empty name", { ...good, queue: "" }],
] as const) {
  test(`A command with ${what} is not run`, () => assert.equal(toArguments(drain, given).ok, false));
}

test("Whatever a plan gives for a name, it is one argument, no option, and holds nothing a shell would read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (queue) => {
      const args = toArguments(drain, { ...good, queue });
      if (!args.ok) return;
      assert.equal(args.value.length, 4);
      assert.match(args.value[1] ?? "", /^[A-Za-z0-9][A-Za-z0-9._:@/+-]*$/);
      assert.doesNotMatch(args.value[1] ?? "", /\.\./);
    }),
  );
});

test("A place for a parameter that the command has not is a fault of the configuration", () => {
  const wrong = { ...drain, args: [{ parameter: "quene" }] };
  assert.match(faultOfCommand(wrong) ?? "", /drain has an argument for "quene"/);
  assert.equal(faultOfCommand(drain), null);
});
