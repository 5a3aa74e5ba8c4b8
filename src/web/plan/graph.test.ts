import assert from "node:assert/strict";
import { test } from "node:test";
import { boxText, graphOf, graphText, type GraphStep } from "#web/plan/graph.ts";

const step = (name: string, column: number, after: string[] = [], more: Partial<GraphStep> = {}): GraphStep => ({
  part: "forward",
  name,
  column,
  after,
  state: "pending",
  ...more,
});
const steps: readonly GraphStep[] = [
  step("a", 0, [], { state: "done" }),
  step("b", 0, [], { state: "running" }),
  step("c", 1, ["b"]),
  step("d", 1, ["a"]),
  step("e", 2, ["c", "d"]),
  step("look", 0, [], { part: "rollback" }),
];

test("Steps stand in their columns, in the order of the rows that they come from, and no two on one place", () => {
  const { boxes, lanes, width, height } = graphOf(steps);
  const at = new Map(boxes.map((one) => [one.step.name, one]));
  assert.ok((at.get("d")?.y ?? 0) < (at.get("c")?.y ?? 0), "d comes from the first row, c from the second");
  assert.ok((at.get("e")?.x ?? 0) > (at.get("c")?.x ?? 0));
  assert.equal(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size, steps.length);
  assert.deepEqual(
    lanes.map(({ label }) => label),
    ["Way forward", "Way back"],
  );
  assert.ok(boxes.every(({ x, y }) => x < width && y < height));
});

test("An arrow leads from every need within its part, and from nothing else", () => {
  const { arrows } = graphOf([...steps, step("stray", 0, ["nobody"])]);
  assert.deepEqual(
    arrows.map(({ key }) => key),
    ["forward/b>c", "forward/a>d", "forward/c>e", "forward/d>e"],
  );
});

test("The text in the place of the picture counts what it shows", () => {
  assert.equal(
    graphText(steps),
    "Graph of the steps (way forward 5, way back 1): 1 done, 1 running, 4 pending. The list below says the same.",
  );
  assert.equal(graphOf([]).boxes.length, 0);
  assert.equal(boxText("copy-the-archive-of-last-year"), "copy-the-archive…");
});
