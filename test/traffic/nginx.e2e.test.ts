import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setWeights } from "#agent/effects.ts";
import { conformsAsTrafficDriver } from "#agent/traffic/conformance.ts";
import { observe } from "#agent/world.ts";
import { notRun, openTrafficBench } from "#test/traffic/bench.ts";

const skip = notRun("nginx");

conformsAsTrafficDriver("nginx", () => openTrafficBench("nginx"), skip);

test(
  "nginx: a configuration that it refuses changes nothing, and the same key succeeds once it is mended",
  {
    skip,
  },
  async () => {
    const bench = await openTrafficBench("nginx");
    try {
      const set = (key: string, percent: number) =>
        setWeights(bench.world, bench.place, { key, fence: 1, weights: { "1.1.0": percent, "1.0.0": 100 - percent } });
      const percentOf = async () => {
        const seen = await observe(bench.world, bench.place);
        return seen.ok ? seen.value.versions.find(({ version }) => version === "1.1.0")?.percent : seen.error.code;
      };
      assert.ok((await set("first", 10)).ok);
      const broken = join(bench.folder, "broken.service.conf");
      writeFileSync(broken, "nonsense;\n");
      const refused = await set("second", 50);
      assert.deepEqual(!refused.ok && [refused.error.code, refused.error.status], ["proxy-refused", 503]);
      assert.match(refused.ok ? "" : refused.error.message, /nonsense/);
      assert.equal(await percentOf(), 10);
      rmSync(broken);
      assert.ok((await set("second", 50)).ok);
      assert.equal(await percentOf(), 50);
    } finally {
      await bench.close();
    }
  },
);
