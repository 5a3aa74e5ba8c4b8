import { homedir } from "node:os";
import path from "node:path";

export const serverRoles = ["all", "api", "worker"] as const;
export type ServerRole = (typeof serverRoles)[number];

/** What gates and their webhooks need of the operator. */
export interface GateSettings {
  /** `host:port` on private addresses to which callbacks may be sent (TIDEGATE_CALLBACK_ALLOW, separated by commas). */
  readonly callbackAllow: readonly string[];
  /** The GitHub App that answers deployment protection rules; null when there is none. */
  readonly gitHub: { readonly appId: string; readonly keyFile: string; readonly apiUrl?: string } | null;
}

/** How one server process runs; from flags first, then from the environment. */
export interface ServerSettings extends GateSettings {
  readonly role: ServerRole;
  readonly host: string;
  readonly port: number;
  /** PostgreSQL of the operator; null for the embedded one. */
  readonly databaseUrl: string | null;
  /** Folder of everything this installation keeps on the machine. */
  readonly stateDir: string;
  /** The agent at the targets; null when none is connected yet: nothing can be run then, everything can be judged. */
  readonly agent: AgentConnection | null;
  /** The domain's clock may be shifted: demonstrations and tests only. */
  readonly settableClock: boolean;
  /** The Unleash server that keeps feature flags; null when there is none (TIDEGATE_UNLEASH, TIDEGATE_UNLEASH_TOKEN_FILE). */
  readonly unleash: AgentConnection | null;
  /** The Prometheus that success criteria ask; null when there is none (TIDEGATE_PROMETHEUS, TIDEGATE_PROMETHEUS_TOKEN_FILE). */
  readonly prometheus: { readonly url: string; readonly tokenFile: string | null } | null;
  /** Address under which people reach the server, when a proxy with TLS stands in front of it; null on loopback. */
  readonly publicUrl: string | null;
  /** Further `Host` values under which the server answers, for example behind a proxy. */
  readonly allowedHosts: readonly string[];
  /** `host:port` on private addresses from which calendars may be read (TIDEGATE_FEED_ALLOW, separated by commas). */
  readonly feedAllow: readonly string[];
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

export interface AgentConnection {
  readonly url: string;
  /** Readable by the owner only. */
  readonly tokenFile: string;
}

/** Below 32768, where no outgoing connection of this machine takes the port away. */
export const defaultPort = 7070;

export interface ServerFlags {
  readonly role?: string;
  readonly host?: string;
  readonly port?: string;
  readonly stateDir?: string;
  readonly agent?: string;
  readonly agentTokenFile?: string;
  readonly allowHost?: readonly string[];
  readonly publicUrl?: string;
  readonly settableClock?: boolean;
  readonly logLevel?: string;
}

export function serverSettings(flags: ServerFlags, env: NodeJS.ProcessEnv): ServerSettings {
  const agentUrl = flags.agent ?? env["TIDEGATE_AGENT"];
  const tokenFile = flags.agentTokenFile ?? env["TIDEGATE_AGENT_TOKEN_FILE"];
  if ((agentUrl === undefined) !== (tokenFile === undefined)) {
    throw new Error("An agent needs both its address (--agent) and the file with its token (--agent-token-file).");
  }
  return {
    role: oneOf(serverRoles, flags.role ?? env["TIDEGATE_ROLE"] ?? "all", "--role"),
    host: flags.host ?? env["TIDEGATE_HOST"] ?? "127.0.0.1",
    port: portOf(flags.port ?? env["TIDEGATE_PORT"] ?? String(defaultPort)),
    databaseUrl: env["DATABASE_URL"] ?? null,
    stateDir: path.resolve(flags.stateDir ?? env["TIDEGATE_STATE_DIR"] ?? defaultStateDir(env)),
    agent: agentUrl === undefined || tokenFile === undefined ? null : { url: agentUrl, tokenFile },
    settableClock: flags.settableClock ?? env["TIDEGATE_SETTABLE_CLOCK"] === "1",
    publicUrl: publicUrlOf(flags.publicUrl ?? env["TIDEGATE_PUBLIC_URL"]),
    allowedHosts: (flags.allowHost ?? []).map((host) => host.toLowerCase()),
    feedAllow: placesOf(env["TIDEGATE_FEED_ALLOW"]),
    callbackAllow: placesOf(env["TIDEGATE_CALLBACK_ALLOW"]),
    gitHub: gitHubOf(env),
    unleash: unleashOf(env),
    prometheus: prometheusOf(env),
    logLevel: oneOf(
      ["debug", "info", "warn", "error", "silent"],
      flags.logLevel ?? env["TIDEGATE_LOG"] ?? "info",
      "--log",
    ),
  };
}

function placesOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((place) => place.trim().toLowerCase())
    .filter((place) => place !== "");
}

function unleashOf(env: NodeJS.ProcessEnv): ServerSettings["unleash"] {
  const url = env["TIDEGATE_UNLEASH"];
  const tokenFile = env["TIDEGATE_UNLEASH_TOKEN_FILE"];
  if ((url === undefined) !== (tokenFile === undefined)) {
    throw new Error("Unleash needs both TIDEGATE_UNLEASH, its address, and TIDEGATE_UNLEASH_TOKEN_FILE.");
  }
  return url === undefined || tokenFile === undefined ? null : { url, tokenFile };
}

/** Most of them ask for no token inside a network of their own. */
function prometheusOf(env: NodeJS.ProcessEnv): ServerSettings["prometheus"] {
  const url = env["TIDEGATE_PROMETHEUS"];
  return url === undefined ? null : { url, tokenFile: env["TIDEGATE_PROMETHEUS_TOKEN_FILE"] ?? null };
}

function gitHubOf(env: NodeJS.ProcessEnv): GateSettings["gitHub"] {
  const appId = env["TIDEGATE_GITHUB_APP_ID"];
  const keyFile = env["TIDEGATE_GITHUB_KEY_FILE"];
  const apiUrl = env["TIDEGATE_GITHUB_API"];
  if ((appId === undefined) !== (keyFile === undefined)) {
    throw new Error(
      "A GitHub App needs both TIDEGATE_GITHUB_APP_ID and TIDEGATE_GITHUB_KEY_FILE, a file with its key.",
    );
  }
  if (appId === undefined || keyFile === undefined) return null;
  return { appId, keyFile, ...(apiUrl === undefined ? {} : { apiUrl }) };
}

/** `/var/lib/tidegate` for root, the XDG state folder for everybody else. */
export function defaultStateDir(env: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return "/var/lib/tidegate";
  return path.join(env["XDG_STATE_HOME"] ?? path.join(homedir(), ".local", "state"), "tidegate");
}

function oneOf<const T extends string>(allowed: readonly T[], text: string, flag: string): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new Error(`${flag} takes ${allowed.join(", ")}, not "${text}".`);
  return found;
}

function publicUrlOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
  if (!isAddress) throw new Error(`--public-url takes an address such as https://tidegate.example.com, not "${text}".`);
  return url.origin;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 32_767)
    throw new Error(`--port takes a number from 1 to 32767, not "${text}".`);
  return port;
}
