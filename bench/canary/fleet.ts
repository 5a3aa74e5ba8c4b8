import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { agentDeployer } from "#connectors/agent/connector.ts";
import type { Deployer } from "#connectors/port.ts";
import { pairArms } from "#core/rollout/arms.ts";
import { environment, startInstallation } from "#test/support/installation.ts";
import { reportSpread, type Report } from "./failed-requests.ts";
import { productJudge, thresholdJudge, type Watcher } from "./judges.ts";

/**
 * The same question to the fleet of the demonstration: real processes with real defects, its own load, the agent's proxy.
 * Each trial ends when the proxy has taken the share back; what users saw fail is what that proxy counted.
 */
const trials = Number(process.env["TIDEGATE_BENCH_TRIALS"] ?? 3);
const lookEveryMs = 250;
const giveUpAfterSeconds = 240;
const percent = 5;
const former = "1.0.0";
const defective = "1.1.0";

interface Trial {
  readonly failed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly isFound: boolean;
}

async function must<T>(asked: Promise<{ ok: true; value: T } | { ok: false; error: { message: string } }>): Promise<T> {
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

async function tryOnce(
  deployer: Deployer,
  service: string,
  digest: string,
  watcher: Watcher,
  nth: number,
): Promise<Trial> {
  const target = { environment, service };
  const command = (what: string) => ({ key: `bench ${service} ${watcher.name} ${nth} ${what}`, fence: 1 });
  await must(deployer.startVersion({ ...target, version: defective, digest }, command("start")));
  const shift = (to: number, what: string) =>
    must(deployer.shift({ ...target, version: defective, control: former, percent: to }, command(what)));
  const { completeBefore: since } = await must(deployer.traffic({ ...target, since: Number.MAX_SAFE_INTEGER }));
  const startedAt = performance.now();
  await shift(percent, "expose");
  let next = since;
  let isFound = false;
  while (!isFound && performance.now() - startedAt < giveUpAfterSeconds * 1000) {
    await delay(lookEveryMs);
    const seen = await must(deployer.traffic({ ...target, since: next }));
    next = seen.completeBefore;
    for (const arms of pairArms(seen.seconds, { control: former, canary: defective })) isFound ||= watcher.look(arms);
  }
  await shift(0, "take back");
  const seconds = (performance.now() - startedAt) / 1000;
  await must(deployer.stopVersion({ ...target, version: defective }, command("stop")));
  // The second in which the share was taken back is over.
  await delay(1_100);
  const all = await must(deployer.traffic({ ...target, since }));
  const own = all.seconds.filter(({ version }) => version === defective);
  const sum = (of: "requests" | "errors"): number => own.reduce((total, second) => total + second[of], 0);
  return { failed: sum("errors"), requests: sum("requests"), seconds, isFound };
}

export async function fleetFailures(report: Report): Promise<void> {
  await using on = await startInstallation({ ordersPerSecond: 30 });
  const folder = join(on.folder, "agent");
  const { port } = JSON.parse(readFileSync(join(folder, "agent.json"), "utf8"));
  const token = readFileSync(join(folder, "token"), "utf8").trim();
  const deployer = agentDeployer({ url: `http://127.0.0.1:${port}`, token });
  for (const service of ["checkout"]) {
    for (const start of [productJudge, () => thresholdJudge("threshold 2 % every 30 s", 0.02)]) {
      const done: Trial[] = [];
      for (let nth = 0; nth < trials; nth++) {
        done.push(await tryOnce(deployer, service, on.digestOf(service, defective), start(), nth));
      }
      const title = `demo fleet, ${service} ${defective} at ${percent} %, ${start().name}`;
      const found = done.filter(({ isFound }) => isFound).length;
      report(`${title}: taken back within ${giveUpAfterSeconds} s`, found / trials, "share", trials);
      reportSpread(
        report,
        `${title}: failed requests before`,
        "requests",
        done.map(({ failed }) => failed),
      );
      reportSpread(
        report,
        `${title}: its requests`,
        "requests",
        done.map(({ requests }) => requests),
      );
      reportSpread(
        report,
        `${title}: exposed for`,
        "s",
        done.map(({ seconds }) => seconds),
      );
    }
  }
}
