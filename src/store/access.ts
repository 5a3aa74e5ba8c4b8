import { z } from "zod";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, sql, type Queryable } from "./sql.ts";

/** A token of an account, or the session of a browser; both are found by id and proven by a secret. */
export interface AccessToken {
  readonly id: string;
  readonly person: string;
  readonly account: string;
  readonly kind: "token" | "session";
  /** SHA-256 of the secret half; the secret itself is stored nowhere. */
  readonly secretHash: string;
  readonly label: string;
  readonly parent: string | null;
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly lastUsedAt: Temporal.Instant | null;
  readonly revokedAt: Temporal.Instant | null;
}

const columns = sql`id, person, account, kind, secret_hash, label, parent, created_at, expires_at, last_used_at, revoked_at`;

const row = z.object({
  id: z.string(),
  person: z.string(),
  account: z.string(),
  kind: z.enum(["token", "session"]),
  secret_hash: z.string(),
  label: z.string(),
  parent: z.string().nullable(),
  created_at: instant,
  expires_at: instant,
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
});

function parseToken(value: unknown): AccessToken {
  const read = row.parse(value);
  return {
    id: read.id,
    person: read.person,
    account: read.account,
    kind: read.kind,
    secretHash: read.secret_hash,
    label: read.label,
    parent: read.parent,
    createdAt: read.created_at,
    expiresAt: read.expires_at,
    lastUsedAt: read.last_used_at,
    revokedAt: read.revoked_at,
  };
}

/** Most tokens a list shows. */
export const maxListedTokens = 500;
/** A token that is used in every request would be a write in every request. */
const touchEverySeconds = 60;

export async function insertToken(
  client: Queryable,
  token: Omit<AccessToken, "lastUsedAt" | "revokedAt">,
): Promise<void> {
  await execute(
    client,
    sql`insert into access_token (id, person, account, kind, secret_hash, label, parent, created_at, expires_at)
        values (${token.id}, ${token.person}, ${token.account}, ${token.kind}, ${token.secretHash}, ${token.label},
                ${token.parent}, ${toTimestamp(token.createdAt)}, ${toTimestamp(token.expiresAt)})`,
  );
}

/**
 * Each in the place of its id, null where there is none. Expired and revoked ones too: the caller compares the secret
 * first and then says why.
 */
export async function findTokens(client: Queryable, ids: readonly string[]): Promise<readonly (AccessToken | null)[]> {
  const wanted = [...new Set(ids)];
  const found = await query(
    client,
    sql`select ${columns} from access_token where id = any(${wanted}::text[])`,
    parseToken,
  );
  const known = new Map(found.map((token) => [token.id, token]));
  return ids.map((id) => known.get(id) ?? null);
}

/** Notes the use, at most once a minute; true if it was noted. */
export async function touchToken(client: Queryable, id: string, at: Temporal.Instant): Promise<boolean> {
  const now = toTimestamp(at);
  const noted = await execute(
    client,
    sql`update access_token set last_used_at = ${now}
        where id = ${id}
          and (last_used_at is null or last_used_at <= ${now}::timestamptz - make_interval(secs => ${touchEverySeconds}))`,
  );
  return noted === 1;
}

/**
 * Revokes a token of this person, and with it everything that was made from it, whatever the number of steps: a stolen
 * token must not live on in its children. False when there is no such token, or it is revoked already.
 */
export async function revokeToken(
  client: Queryable,
  id: string,
  person: string,
  at: Temporal.Instant,
): Promise<boolean> {
  const revoked = await execute(
    client,
    sql`with recursive made as (
          select id from access_token where id = ${id} and person = ${person} and revoked_at is null
          union select t.id from access_token t join made on t.parent = made.id
        )
        update access_token set revoked_at = ${toTimestamp(at)}
        where id in (select id from made) and revoked_at is null`,
  );
  return revoked > 0;
}

/** Of one person, newest first, at most `maxListedTokens`. */
export async function tokensOf(client: Queryable, person: string): Promise<readonly AccessToken[]> {
  return query(
    client,
    sql`select ${columns} from access_token where person = ${person}
        order by created_at desc, id desc limit ${maxListedTokens}`,
    parseToken,
  );
}

/** Removes what expired or was revoked before the instant; how many. */
export async function pruneTokens(client: Queryable, before: Temporal.Instant): Promise<number> {
  const limit = toTimestamp(before);
  return execute(
    client,
    sql`delete from access_token where expires_at < ${limit} or (revoked_at is not null and revoked_at < ${limit})`,
  );
}
