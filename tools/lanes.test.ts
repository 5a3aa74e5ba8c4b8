import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { alone, drain, planOf, type Job } from "./lanes.ts";

const root = path.resolve(import.meta.dirname, "..");
const job = (title: string): Job => ({ title, files: [title] });

test("every file that has to be alone is there", () => {
  assert.ok(alone.length > 0);
  assert.deepEqual(
    alone.filter((file) => !existsSync(path.join(root, file))),
    [],
  );
});

test("each test file runs once, and those that have to be alone in no lane", () => {
  const files = globSync("{src,test,tools,examples}/**/*.test.ts", { cwd: root }).toSorted();
  const plan = planOf(files);
  const inLanes = plan.lanes.flat().flatMap((each) => each.files);
  const after = plan.alone.flatMap((each) => each.files);
  assert.deepEqual([...inLanes, ...after].toSorted(), files);
  assert.deepEqual(after.toSorted(), alone.toSorted());
  assert.deepEqual(
    plan.lanes.map((jobs) => jobs.length > 20),
    [true, true],
  );
});

test("what a name leaves out is in no lane and not alone", () => {
  const [only = ""] = alone;
  assert.deepEqual(planOf([]), { lanes: [[], []], alone: [] });
  assert.deepEqual(planOf(["src/a.test.ts", only]).alone, [job(only)]);
  assert.deepEqual(planOf(["src/a.test.ts", "src/b.test.ts"]).lanes.flat(), [
    { title: "2 files that need nothing", files: ["src/a.test.ts", "src/b.test.ts"] },
  ]);
});

test("two jobs run at a time, each once, and a lane that is done helps from the end of the other", async () => {
  const [short, long] = [[job("a")], ["b", "c", "d", "e"].map(job)];
  const told: string[] = [];
  let [now, most] = [0, 0];
  await drain([short, long], async ({ title }, lane) => {
    most = Math.max(most, (now += 1));
    told.push(`${lane} ${title}`);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
  });
  assert.equal(most, 2);
  assert.deepEqual(told.toSorted(), ["0 a", "0 d", "0 e", "1 b", "1 c"]);
  assert.deepEqual([short.length, long.length], [1, 4], "nobody's list is changed");
});
