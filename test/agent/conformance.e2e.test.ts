import { setTimeout as delay } from "node:timers/promises";
import { addProgram, bringUp, openAgent, proxyOf, send } from "#test/agent/bench.ts";
import { conformsAsDeployer } from "#connectors/conformance.ts";

const target = { environment: "staging", service: "payment" };
const neverReady = `import { ok, serve } from "./kit.ts";\nserve({ "GET /charges/:order": () => ok({}) }, () => false);\n`;

/** The boutique has no filter; what it does not know it refuses. */
const filter = {
  name: "filter",
  service: target.service,
  probe: { kind: "refused", ordinary: { path: "/livez" }, hostile: { path: "/hostile" }, refusedWith: [404] },
};

conformsAsDeployer("agent", async () => {
  const bench = await openAgent({ settings: () => ({ controls: [filter] }) });
  await bringUp(bench, ["payment"]).catch(async (error: unknown) => {
    await bench.close();
    throw error;
  });
  const known = (version: string) => ({ version, digest: bench.digestOf("payment", version) });
  const url = await proxyOf(bench, "payment");
  return {
    deployer: bench.deployer,
    target,
    live: known("1.0.0"),
    good: known("1.1.0"),
    wrong: known("1.2.0"),
    unready: { version: "1.3.0", digest: addProgram(bench, "payment", "1.3.0", neverReady) },
    request: async (count) => {
      const answers = await Promise.all(Array.from({ length: count }, () => send(`${url}/livez`)));
      // Counts are given out when their second is over.
      const { completeBefore } = await traffic();
      while ((await traffic()).completeBefore === completeBefore) await delay(50);
      return answers.filter((answer) => answer.status !== 200).length;
    },
    effects: bench.ledger,
    close: bench.close,
  };

  async function traffic(): Promise<{ readonly completeBefore: number }> {
    const answer = await bench.deployer.traffic({ ...target, since: 0 });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }
});
