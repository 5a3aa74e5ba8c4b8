import { err, ok, type Result } from "#core/result.ts";

/** One reason not to trust this server; the sentence names the setting, its value and the remedy. */
export interface SettingFault {
  readonly setting: string;
  readonly value: string;
  readonly message: string;
}

/** What the health page shows of a server that may be used. */
export interface ServerFacts {
  readonly version: string;
  readonly checksums: boolean;
  readonly settings: Readonly<Record<string, string>>;
}

export const minimumServerVersion = 15;

/** Committed must mean durable (PostgreSQL manual, "Reliability and the Write-Ahead Log"): these are not negotiable. */
const demanded: readonly { readonly setting: string; readonly refused: readonly string[]; readonly loss: string }[] = [
  { setting: "fsync", refused: ["off"], loss: "a power cut may destroy the whole database" },
  { setting: "full_page_writes", refused: ["off"], loss: "a power cut may leave half-written pages" },
  { setting: "synchronous_commit", refused: ["off"], loss: "a crash may lose decisions that were confirmed" },
];
const shown = ["data_checksums", "synchronous_standby_names", "max_connections", "wal_level"] as const;

/** Anything with pg's `query`: a pool or a client. */
export interface SettingsSource {
  readonly query: (text: string, values: unknown[]) => Promise<{ readonly rows: readonly unknown[] }>;
}

/** Refuses a server on which a confirmed commit could be lost, or which is too old. All faults are named at once. */
export async function checkSettings(source: SettingsSource): Promise<Result<ServerFacts, readonly SettingFault[]>> {
  const names = [...demanded.map(({ setting }) => setting), ...shown, "server_version", "server_version_num"];
  const answer = await source.query("select name, setting from pg_settings where name = any($1)", [names]);
  const settings = Object.fromEntries(answer.rows.map((row) => entryOf(row)));
  const faults = demanded
    .filter(({ setting, refused }) => refused.includes(settings[setting] ?? ""))
    .map(({ setting, loss }) => faultOf(setting, settings[setting] ?? "", loss));
  const tooOld = versionFault(settings);
  if (tooOld !== null) faults.push(tooOld);
  if (faults.length > 0) return err(faults);
  return ok({ version: settings["server_version"] ?? "", checksums: settings["data_checksums"] === "on", settings });
}

function faultOf(setting: string, value: string, loss: string): SettingFault {
  const message = `The database runs with ${setting} = ${value}, so ${loss}. Run: ALTER SYSTEM SET ${setting} = on; SELECT pg_reload_conf();`;
  return { setting, value, message };
}

function versionFault(settings: Readonly<Record<string, string>>): SettingFault | null {
  const major = Math.floor(Number(settings["server_version_num"] ?? 0) / 10_000);
  if (major >= minimumServerVersion) return null;
  const value = settings["server_version"] ?? "unknown";
  const message = `The database is PostgreSQL ${value} (server_version), older than ${minimumServerVersion}. Upgrade it, or leave DATABASE_URL unset to use the embedded one.`;
  return { setting: "server_version", value, message };
}

function entryOf(row: unknown): readonly [string, string] {
  if (typeof row !== "object" || row === null || !("name" in row) || !("setting" in row)) {
    throw new Error("pg_settings answered with a row of another shape");
  }
  return [String(row.name), String(row.setting)];
}
