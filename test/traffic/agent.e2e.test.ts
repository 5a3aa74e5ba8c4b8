import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bringUp, openAgent, proxyOf, send, until, type AgentBench } from "#test/agent/bench.ts";
import { notRun, settingsOf } from "#test/traffic/bench.ts";

const environment = "staging";
const target = { environment, service: "payment" };

async function sharesOf(opened: AgentBench, percent: number): Promise<void> {
  const proxy = await proxyOf(opened, target.service);
  const seen = await Promise.all(Array.from({ length: 100 }, () => send(`${proxy}/livez`)));
  assert.equal(seen.filter(({ status }) => status !== 200).length, 0);
  const found = seen.filter(({ version }) => version === "1.1.0").length;
  assert.ok(Math.abs(found - percent) <= 2, `${found} % instead of ${percent}`);
}

for (const kind of ["haproxy", "nginx"] as const) {
  test(
    `an agent drives ${kind}; without the agent traffic goes on, and without the proxy for a second`,
    {
      skip: notRun(kind),
    },
    async () => {
      const opened = await openAgent({ settings: () => ({ traffic: { [environment]: settingsOf(kind) } }) });
      try {
        await bringUp(opened, [target.service]);
        const digest = opened.digestOf(target.service, "1.1.0");
        const fresh = { ...target, version: "1.1.0" };
        const started = await opened.deployer.startVersion({ ...fresh, digest }, { key: "second", fence: 1 });
        assert.ok(started.ok && started.value.state === "ready", JSON.stringify(started));
        const shifted = await opened.deployer.shift(
          { ...fresh, control: "1.0.0", percent: 20 },
          { key: "20", fence: 2 },
        );
        assert.ok(shifted.ok, JSON.stringify(shifted));
        await sharesOf(opened, 20);
        const proxy = await proxyOf(opened, target.service);
        await opened.kill();
        const alone = await Promise.all(Array.from({ length: 100 }, () => send(`${proxy}/livez`)));
        assert.equal(alone.filter(({ version }) => version === "1.1.0").length, 20);
        await opened.start();
        await sharesOf(opened, 20);

        const pidFile = join(opened.folder, "state", "traffic", environment, `${kind}.pid`);
        const before = readFileSync(pidFile, "utf8");
        process.kill(Number(before), "SIGKILL");
        // A worker of nginx may serve on alone, until the agent ends it in peace and starts another proxy.
        const now = () => (existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "");
        await until("another proxy runs", () => Promise.resolve(!["", before].includes(now())), 30_000);
        await until("the proxy is back", async () => (await send(`${proxy}/livez`)).status === 200, 30_000);
        await until("it is observed again", async () => (await opened.deployer.observe(target)).ok, 30_000);
        await sharesOf(opened, 20);
        // As the control plane does it: what is not known is asked for again, under the same key.
        const whole = { ...fresh, control: "1.0.0", percent: 0 };
        const isBack = async () => (await opened.deployer.shift(whole, { key: "0", fence: 2 })).ok;
        await until("the shares can be set again", isBack, 30_000);
        await sharesOf(opened, 0);
      } finally {
        await opened.close();
      }
    },
  );
}
