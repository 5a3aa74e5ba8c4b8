import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Pool } from "pg";
import { createOrganisationCache } from "#store/organisation.ts";
import { viewsOf } from "#store/views.ts";
import { bootstrap } from "#main/bind-access.ts";
import type { ServerSettings } from "#main/settings.ts";

type Place = Pick<ServerSettings, "databaseUrl" | "stateDir">;

/** Whether a database is there to be asked; an external one is asked itself. */
export function hasDatabase({ databaseUrl, stateDir }: Place): boolean {
  return databaseUrl !== null || existsSync(path.join(stateDir, "postgres", "cluster"));
}

/** Folders below `stateDir` that hold a database, for whoever named the wrong one. */
export function databasesBelow(stateDir: string): readonly string[] {
  if (!existsSync(stateDir)) return [];
  return readdirSync(stateDir)
    .map((name) => path.join(stateDir, name))
    .filter((folder) => hasDatabase({ databaseUrl: null, stateDir: folder }));
}

/** The whole command that issues a token for this installation; `bootstrap` while it knows nobody. */
export async function issueTokenCommand(pool: Pool, place: Place): Promise<string> {
  const people = await viewsOf(pool, { organisations: createOrganisationCache() }).people();
  const account = people.size === 0 ? bootstrap.name : "ACCOUNT";
  const where = place.databaseUrl === null ? ` --state-dir ${quoted(place.stateDir)}` : " (with the same DATABASE_URL)";
  return `./bin/tidegate issue-token --account ${account}${where}`;
}

/** As a shell reads it. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
