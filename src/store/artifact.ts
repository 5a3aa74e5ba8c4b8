import { z } from "zod";
import type { Artifact } from "#core/release/artifact.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, queryOne, sql, type Queryable } from "./sql.ts";

const row = z.object({
  service: z.string(),
  version: z.string(),
  digest: z.string(),
  author: z.string().nullable(),
  registered_by: z.string().nullable(),
  registered_at: instant,
});

export function parseArtifact(value: unknown): Artifact {
  const { registered_at: registeredAt, registered_by: registeredBy, ...read } = row.parse(value);
  return { ...read, registeredAt, ...(registeredBy === null ? {} : { registeredBy }) };
}

export async function findArtifact(client: Queryable, service: string, version: string): Promise<Artifact | null> {
  return queryOne(
    client,
    sql`select service, version, digest, author, registered_by, registered_at from artifact
        where service = ${service} and version = ${version}`,
    parseArtifact,
  );
}

/** The newest version of the service with this digest. */
export async function findArtifactByDigest(
  client: Queryable,
  service: string,
  digest: string,
): Promise<Artifact | null> {
  return queryOne(
    client,
    sql`select service, version, digest, author, registered_by, registered_at from artifact
        where service = ${service} and digest = ${digest} order by registered_at desc, version desc limit 1`,
    parseArtifact,
  );
}

/** `conflict`: the version is there with another digest, and stays as it was: versions are immutable. */
export async function registerArtifact(
  client: Queryable,
  artifact: Artifact,
): Promise<"registered" | "known" | "conflict"> {
  if (artifact.registeredAt === null) throw new Error("an artifact is registered at an instant");
  const added = await execute(
    client,
    sql`insert into artifact (service, version, digest, author, registered_by, registered_at)
        values (${artifact.service}, ${artifact.version}, ${artifact.digest}, ${artifact.author},
                ${artifact.registeredBy ?? null}, ${toTimestamp(artifact.registeredAt)})
        on conflict (service, version) do nothing`,
  );
  if (added === 1) return "registered";
  const known = await findArtifact(client, artifact.service, artifact.version);
  return known?.digest === artifact.digest ? "known" : "conflict";
}
