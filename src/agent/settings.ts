import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { allowedCommand, faultOfCommand } from "#agent/allowed.ts";
import { controlSettings } from "#agent/controls/settings.ts";

/** Ephemeral ports start here on Linux; below it no outgoing connection takes a port away from us. */
const highestPort = 32_767;
const port = z.int().min(1024).max(highestPort);
const portRange = z.strictObject({ from: port, to: port }).refine((range) => range.from < range.to, "from < to");

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const program = z.string().startsWith("/").max(500);
const restoreTestSettings = z.strictObject({
  /** File with `postgresql://...` of a database that is emptied for each test; only its owner may read it. */
  scratchFile: z.string().min(1).max(500),
  dump: program.default("/usr/bin/pg_dump"),
  restore: program.default("/usr/bin/pg_restore"),
});
const database = z.strictObject({
  name: slug,
  /** All of the agent when left out. */
  environments: z.array(slug).min(1).max(50).optional(),
  /** File with `postgresql://...`, which only its owner may read; read when a migration begins. */
  addressFile: z.string().min(1).max(500),
  /** Longest wait of a statement for a lock: others queue behind it meanwhile. */
  lockWithinMs: z.int().min(100).max(60_000).default(3_000),
  /** How `tidegate restore-test` proves that it can be restored; it cannot when left out. */
  restoreTest: restoreTestSettings.optional(),
});

const pathSetting = z.strictObject({
  name: slug,
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  /** The other side has to show a certificate that this machine trusts; its end is told. */
  tls: z.boolean().default(false),
});

/** What stands in front of the services of an environment. The agent starts it, and it goes on without the agent. */
const trafficSettings = z.discriminatedUnion("driver", [
  z.strictObject({ driver: z.literal("embedded") }),
  z.strictObject({ driver: z.literal("haproxy"), program: z.string().startsWith("/").default("/usr/sbin/haproxy") }),
  z.strictObject({ driver: z.literal("nginx"), program: z.string().startsWith("/").default("/usr/sbin/nginx") }),
]);

/** The configuration file of an agent; relative paths are relative to the file. */
export const agentSettings = z.strictObject({
  /** Port of the agent's own interface on loopback. */
  port,
  /** File with the bearer token; readable by its owner only. */
  tokenFile: z.string().min(1),
  /** Folder of the agent's ledger, state and logs; one agent per folder. */
  stateFolder: z.string().min(1),
  /** Catalogue of the programs that may be started. */
  fleetFile: z.string().min(1),
  environments: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/))
    .min(1)
    .max(50),
  proxyPorts: portRange,
  servicePorts: portRange,
  /** What happens to the services when the agent is told to stop: an upgrade leaves them; a demo stops them until its next start. */
  onStop: z.enum(["leave", "stop"]).default("leave"),
  readyWithinMs: z.int().min(100).max(300_000).default(10_000),
  /** Longest wait for requests in flight before a version is told to end. */
  drainForMs: z.int().min(0).max(300_000).default(10_000),
  /** Time between the request to end and the kill. */
  endWithinMs: z.int().min(100).max(60_000).default(5_000),
  /** What plans may run here, by name; nothing when left out. */
  commands: z.array(allowedCommand).max(200).default([]),
  /** Environment → what drives its traffic; `embedded`, the proxy in the agent's own process, where nothing is said. */
  traffic: z.record(slug, trafficSettings).default({}),
  /** What has to be reachable from here, by name: plans look before they touch anything. */
  paths: z.array(pathSetting).max(200).default([]),
  /** Security controls that have to be proven for a version that was put in place. */
  controls: z.array(controlSettings).max(200).default([]),
  /** Databases whose schema plans may change, by name. */
  databases: z.array(database).max(50).default([]),
});

/** Flags of Node for an agent's process: without them its heap grows to several times what it needs under load. */
export const agentNodeFlags = ["--max-old-space-size=256", "--max-semi-space-size=4"] as const;

export type AgentSettings = z.infer<typeof agentSettings>;
export type PathSetting = AgentSettings["paths"][number];
export type TrafficSettings = z.infer<typeof trafficSettings>;

/** Reads a configuration file. Throws with the file and the field that is wrong. */
export function readAgentSettings(file: string): AgentSettings {
  const parsed = agentSettings.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  const folder = dirname(resolve(file));
  const fault = parsed.data.commands.map(faultOfCommand).find((each) => each !== null);
  if (fault !== undefined) throw new Error(`${file}: ${fault}.`);
  const stranger = Object.keys(parsed.data.traffic).find((each) => !parsed.data.environments.includes(each));
  if (stranger !== undefined) {
    throw new Error(`${file}: traffic names ${stranger}, which is none of the agent's environments; correct the name.`);
  }
  const inFolder = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, path]) => [name, resolve(folder, path)]));
  return {
    ...parsed.data,
    tokenFile: resolve(folder, parsed.data.tokenFile),
    stateFolder: resolve(folder, parsed.data.stateFolder),
    fleetFile: resolve(folder, parsed.data.fleetFile),
    databases: parsed.data.databases.map((each) => ({
      ...each,
      addressFile: resolve(folder, each.addressFile),
      restoreTest: each.restoreTest && {
        ...each.restoreTest,
        scratchFile: resolve(folder, each.restoreTest.scratchFile),
      },
    })),
    commands: parsed.data.commands.map((command) => ({ ...command, secrets: inFolder(command.secrets) })),
  };
}

/** A shorter token could be guessed, a longer one is not a token. */
const tokenShape = /^[\x21-\x7e]{20,500}$/;

/** Reads the token. Throws if others than the owner may read the file. */
export function readToken(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file}: others can read the token; run chmod 600 on it.`);
  const token = readFileSync(file, "utf8").trim();
  if (!tokenShape.test(token)) throw new Error(`${file}: a token has 20 to 500 printable characters without blanks.`);
  return token;
}
