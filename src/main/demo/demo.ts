import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defaultServer } from "#cli/settings.ts";
import { client } from "#contract/client.ts";
import { root } from "#main/bind-api.ts";
import { demoPorts, ensureAgent, stopAgent, type DemoAgent } from "#main/demo/agent-process.ts";
import { baselineVersion, knownVersions, startBaseline } from "#main/demo/baseline.ts";
import { deployVisibly, type Cast } from "#main/demo/main-job.ts";
import { openWindow } from "#main/demo/open-window.ts";
import { introduce, type DemoPerson } from "#main/demo/people.ts";
import { newTokenFor } from "#main/issue-token.ts";
import { startServer, type RunningServer } from "#main/server.ts";
import { serverSettings } from "#main/settings.ts";

export interface DemoSettings {
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const environment = "prod-emea";
/** What the way back of the cart is rehearsed with. */
const rehearsed = { environment: "staging", services: ["redis-cart", "cart"] } as const;
const environments = ["dev", "staging", "prod-emea", "prod-amer", "prod-apac"];

/** The whole product on one machine: store, server, agent, a shop under traffic, a good release and a bad one. */
export async function runDemo(settings: DemoSettings): Promise<void> {
  const { say, stateDir } = settings;
  say("Starting the agent, PostgreSQL and the server …");
  const agent = await ensureAgent(stateDir, demoPorts(settings.env), environments);
  try {
    await runWith(settings, agent);
  } finally {
    await stopAgent(agent);
  }
}

async function runWith(settings: DemoSettings, agent: DemoAgent): Promise<void> {
  const { say, stateDir, signal } = settings;
  const flags = { stateDir, agent: agent.url, agentTokenFile: agent.tokenFile, settableClock: true };
  const server = await startServer(
    serverSettings({ ...flags, logLevel: settings.env["TIDEGATE_LOG"] ?? "warn" }, settings.env),
  );
  try {
    await play(settings, server, agent);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    say("Stopping …");
    await server.stop();
  }
}

async function play(settings: DemoSettings, server: RunningServer, agent: DemoAgent): Promise<void> {
  const { say, stateDir, signal } = settings;
  const { pool } = server.database;
  const url = server.url ?? "";
  const isFirst = await applyExample(server, url);
  const people = await introduce(pool, url, stateDir);
  say("Starting the shop: twelve services and their load, as real processes …");
  await Promise.all([
    startBaseline(agent, environment),
    startBaseline(agent, rehearsed.environment, rehearsed.services),
  ]);
  await registerVersions(people);
  await untilRecorded(people, signal);
  say(`\nPages: ${url}   (log in with a token below)`);
  for (const { account, what, token } of people.values()) say(`  ${account.padEnd(6)} ${token}  ${what}`);
  say(`  the same in ${path.join(stateDir, "demo-tokens.txt")}. In a second terminal, in this folder:`);
  const elsewhere = server.url === defaultServer ? "" : `TIDEGATE_SERVER=${url} `;
  say(`  ${elsewhere}TIDEGATE_TOKEN=tg_… ./bin/tidegate why frontend@1.1.0 --to ${environment}`);
  if (isFirst) await showMainJob(settings, people);
  say(`\nTidegate stays up at ${url}. Ctrl-C ends it; the data is kept.`);
}

/** The example organisation, unless something is applied already; true when it was applied now. */
async function applyExample(server: RunningServer, url: string): Promise<boolean> {
  const folder = path.join(root, "examples/boutique");
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const files = names.map((name) => ({
    path: `examples/boutique/${name}`,
    text: readFileSync(path.join(folder, name), "utf8"),
  }));
  let token: string;
  try {
    token = await newTokenFor(server.database.pool, { account: "bootstrap", label: "first configuration", hours: 1 });
  } catch {
    // The configuration names people already: this is not the first start.
    return false;
  }
  const applied = await client({ baseUrl: url, token }).applyConfiguration({ body: { files } });
  if (!applied.ok)
    throw new Error(
      `The example could not be applied: ${applied.problem.detail} ${JSON.stringify(applied.problem.problems ?? [])}`,
    );
  return true;
}

function personNamed(people: ReadonlyMap<string, DemoPerson>, account: string): DemoPerson {
  const person = people.get(account);
  if (person === undefined) throw new Error(`The example names no account ${account}.`);
  return person;
}

async function registerVersions(people: ReadonlyMap<string, DemoPerson>): Promise<void> {
  const { client: builder } = personNamed(people, "chen");
  for (const { service, version, digest } of knownVersions()) {
    if (version === baselineVersion) continue;
    const registered = await builder.registerArtifact({ body: { service, version, digest } });
    if (!registered.ok) throw new Error(`${service}@${version}: ${registered.problem.detail}`);
  }
}

const recordedWithinMs = 30_000;

/** Waits until the server has seen every service of the shop at its target. */
async function untilRecorded(people: ReadonlyMap<string, DemoPerson>, signal: AbortSignal): Promise<void> {
  const { client: reader } = personNamed(people, "hana");
  const expected = new Set(knownVersions().map(({ service }) => service)).size;
  for (let waited = 0; waited < recordedWithinMs; waited += 200) {
    const matrix = await reader.getMatrix({});
    if (
      matrix.ok &&
      matrix.body.cells.filter((cell) => cell.environment === environment && cell.version !== null).length >= expected
    )
      return;
    await delay(200, undefined, { signal });
  }
  throw new Error(`The server has not recorded all services of ${environment} within ${recordedWithinMs / 1000} s.`);
}

async function showMainJob(settings: DemoSettings, people: ReadonlyMap<string, DemoPerson>): Promise<void> {
  const { say, signal } = settings;
  const cast: Cast = {
    developer: personNamed(people, "chen").client,
    approvers: ["emil", "hana"].map((name) => ({ name, client: personNamed(people, name).client })),
    say,
    signal,
  };
  const show = async (about: {
    readonly service: string;
    readonly version: string;
    readonly environment: string;
  }): Promise<void> => {
    const shifted = await openWindow(personNamed(people, "lena").client, cast.developer, about);
    if (shifted !== null) {
      const at = Temporal.Instant.from(shifted).toString({ smallestUnit: "second" });
      say(`\nThe window of ${environment} is closed at this hour; the demonstration's clock is set to ${at}.`);
    }
    await deployVisibly(cast, about);
  };
  await show({ service: "cart", version: "1.1.0", environment });
  say("\nAnd a version with a real defect:");
  await show({ service: "checkout", version: "1.1.0", environment });
}
