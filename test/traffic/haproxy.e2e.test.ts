import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setWeights } from "#agent/effects.ts";
import { conformsAsTrafficDriver } from "#agent/traffic/conformance.ts";
import { observe } from "#agent/world.ts";
import { until } from "#test/agent/bench.ts";
import { notRun, openTrafficBench } from "#test/traffic/bench.ts";

const skip = notRun("haproxy");

conformsAsTrafficDriver("haproxy", () => openTrafficBench("haproxy"), skip);

test("haproxy: a reload by somebody else keeps shares, cohorts and versions", { skip }, async () => {
  const bench = await openTrafficBench("haproxy");
  try {
    const weights = { "1.1.0": 20, "1.0.0": 80 };
    const set = { key: "set", fence: 1, weights, cohorts: { beta: "1.2.0" } };
    assert.ok((await setWeights(bench.world, bench.place, set)).ok);
    const master = Number(readFileSync(join(bench.folder, "haproxy.pid"), "utf8"));
    const workers = () => readFileSync(`/proc/${master}/task/${master}/children`, "utf8").trim().split(" ");
    const before = workers();
    let looks = 0;
    // A master that has just begun may not hear the first signal.
    const isNew = () => {
      if (looks++ % 80 === 0) process.kill(master, "SIGUSR2");
      return Promise.resolve(workers().some((each) => !before.includes(each)));
    };
    await until("a new worker serves", isNew, 30_000);
    await until("it tells what is in effect", async () => (await observe(bench.world, bench.place)).ok, 30_000);
    const seen = await observe(bench.world, bench.place);
    const percents = seen.ok ? seen.value.versions.map(({ version, percent }) => [version, percent]) : [];
    assert.deepEqual(Object.fromEntries(percents), { ...weights, "1.2.0": 0 });
    // Connections that were open may end with the old worker.
    await until("the new worker answers", async () => (await bench.ask("/", {})).status === 200, 30_000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => bench.ask("/", {})));
    assert.equal(answers.filter(({ text, version }) => text === "1.1.0" && version === "1.1.0").length, 20);
    assert.equal((await bench.ask("/", { "x-tidegate-cohort": "beta" })).text, "1.2.0");
  } finally {
    await bench.close();
  }
});
