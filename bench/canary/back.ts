import { existsSync } from "node:fs";
import { z } from "zod";
import { ends, request, type Detail } from "#test/support/deployments.ts";
import { environment, startInstallation, type Installation } from "#test/support/installation.ts";
import { programs, settingsOf } from "#test/traffic/bench.ts";
import { reportSpread, type Report } from "./failed-requests.ts";

/**
 * How long users stay with a version that is proven worse, in whole runs: server, worker, agent and fleet as processes, the
 * agent's own proxy and HAProxy in front. Two spans, each measured on one clock: from the end of the second whose counts
 * prove the harm to the entry in the ledger of the agent (its clock), and from the judgement on the timeline to the answer
 * of the proxy that the share is nothing (that of the control plane).
 */
const trials = Number(process.env["TIDEGATE_BENCH_TRIALS"] ?? 20);
const service = "checkout";
const defective = "1.1.0";
const longestTrialMs = 150_000;
const documents = `apiVersion: tidegate.dev/v1
kind: ApprovalRoute
metadata: { name: bench-automatic }
spec: { scope: {}, priority: 100, approvals: 0 }
`;
/** One stage that never passes, so that a trial ends by harm and by nothing else. */
const stages = [
  { percent: 50, minSeconds: 110, minRequests: 1_000_000 },
  { percent: 100, minSeconds: 0, minRequests: 0 },
];

interface Trial {
  /** From the end of the second that shows the breach to the call that takes the share back. */
  readonly toCallMs: number;
  /** From the judgement to the proxy's word that the share is nothing. */
  readonly toNothingMs: number;
  /** Requests of the version in whole seconds behind that word. */
  readonly after: number;
}

/** Where the harm is not found within the stage the run holds, and is aborted so that the next trial can begin. */
async function endOf(on: Installation, id: string): Promise<Detail> {
  try {
    return await ends(on, id, longestTrialMs);
  } catch {
    await on.as("emil").abortDeployment({ params: { id }, body: { reason: "It was not found in time." } });
    return await ends(on, id);
  }
}

const secondRow = z.object({ second: z.coerce.number() });

async function tryOnce(on: Installation): Promise<Trial | null> {
  const asked = await request(on, "emil", `${service}@${defective}`);
  const ended = await endOf(on, asked.id);
  if (ended.state !== "rolled-back") {
    console.error(`a trial ended as ${ended.state}: ${ended.outcome ?? ""}`);
    return null;
  }
  const { rows } = await on.pool.query(
    "select min(second) as second from canary_look where deployment_id = $1 and look ->> 'outcome' = 'worse'",
    [asked.id],
  );
  const visibleMs = (secondRow.parse(rows[0]).second + 1) * 1000;
  const back = (await on.ledger()).findLast(
    ({ key, effect, outcome }) => key.startsWith(`${asked.id}:`) && effect === "set-weights" && outcome === "applied",
  );
  const at = (name: string): number => {
    const line = ended.timeline.find((each) => each.name === name && each.phase !== "started");
    if (line === undefined) throw new Error(`${asked.id} has no line "${name}"`);
    return Temporal.Instant.from(line.at).epochMilliseconds;
  };
  if (back === undefined) throw new Error(`the ledger knows nothing of ${asked.id}`);
  const calledMs = Temporal.Instant.from(back.at).epochMilliseconds;
  const behind = await on.traffic(service, Math.floor(calledMs / 1000) + 2);
  const after = behind.filter(({ version }) => version === defective).reduce((sum, { requests }) => sum + requests, 0);
  return { toCallMs: calledMs - visibleMs, toNothingMs: at("roll back") - at("watch 50 %"), after };
}

async function measure(report: Report, kind: "embedded" | "haproxy"): Promise<void> {
  await using on = await startInstallation({
    ordersPerSecond: 30,
    documents,
    stages,
    agent: () => ({ traffic: { [environment]: settingsOf(kind) } }),
  });
  const done: Trial[] = [];
  for (let nth = 0; nth < trials; nth++) {
    const trial = await tryOnce(on);
    if (trial !== null) done.push(trial);
  }
  const title = `${kind}, ${service} ${defective} at 50 %`;
  report(`${title}: taken back`, done.length / trials, "share", trials);
  const spread = (what: string, of: (trial: Trial) => number, unit: string) =>
    reportSpread(report, `${title}: ${what}`, unit, done.map(of));
  spread("breach visible → call that takes it back", ({ toCallMs }) => toCallMs, "ms");
  spread("judgement → 0 % confirmed by the proxy", ({ toNothingMs }) => toNothingMs, "ms");
  spread("its requests in whole seconds behind the call", ({ after }) => after, "requests");
}

export async function waysBack(report: Report): Promise<void> {
  await measure(report, "embedded");
  if (existsSync(programs.haproxy)) await measure(report, "haproxy");
  else console.error("not run: HAProxy is not installed");
}
