import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { CommandEnd, exitCodes } from "./exit.ts";

export interface Connection {
  readonly server: string;
  readonly token: string | null;
}

export const defaultServer = "http://127.0.0.1:7070";

const stored = z.strictObject({ server: z.url().optional(), token: z.string().optional() });

/** Where `tidegate` keeps the address and token of a server: `$XDG_CONFIG_HOME/tidegate/client.json`, mode 0600. */
export function settingsFile(env: NodeJS.ProcessEnv): string {
  return path.join(env["XDG_CONFIG_HOME"] ?? path.join(homedir(), ".config"), "tidegate", "client.json");
}

/** Flags win over the environment, the environment over the file. */
export function connectionFrom(
  flags: { readonly server?: string | undefined; readonly token?: string | undefined },
  env: NodeJS.ProcessEnv,
): Connection {
  const file = readStored(settingsFile(env));
  return {
    server: (flags.server ?? env["TIDEGATE_SERVER"] ?? file.server ?? defaultServer).replace(/\/+$/, ""),
    token: flags.token ?? tokenIn(env) ?? file.token ?? null,
  };
}

/** A variable that is set to nothing is not set: so pipelines pass on what they do not have. */
function tokenIn(env: NodeJS.ProcessEnv): string | undefined {
  const token = env["TIDEGATE_TOKEN"];
  return token === "" ? undefined : token;
}

/** Where the token comes from, for messages about it; null: there is none. */
export function tokenSource(
  flags: { readonly token?: string | undefined },
  env: NodeJS.ProcessEnv,
): "--token" | "TIDEGATE_TOKEN" | "tidegate login" | null {
  if (flags.token !== undefined) return "--token";
  if (tokenIn(env) !== undefined) return "TIDEGATE_TOKEN";
  return readStored(settingsFile(env)).token === undefined ? null : "tidegate login";
}

function readStored(file: string): z.infer<typeof stored> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  const parsed = stored.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  throw new CommandEnd(
    exitCodes.usage,
    `${file} is not a settings file: ${z.prettifyError(parsed.error)} Correct or remove it.`,
  );
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
