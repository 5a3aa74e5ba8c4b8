import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  Client,
  DatabaseError,
  Pool,
  types,
  type ClientBase,
  type ClientConfig,
  type CustomTypesConfig,
  type PoolClient,
  type QueryArrayResult,
} from "pg";
import { endedByLastStatement } from "./last-statement.ts";
import { serversIn, type ServerAddress, type Servers } from "./servers.ts";

/*
 * The one way to PostgreSQL: pools with limits, statements as data, rows that are parsed, transactions that know which
 * failures may be repeated.
 */

/** Limits of one connection. A forgotten transaction holds back every other one's horizon, so each has an end. */
export interface ConnectionLimits {
  readonly connectMs: number;
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
  /** Deadline of the client itself: a half-open socket would make a query wait for ever. 0 = none. */
  readonly queryMs: number;
}

export const defaultLimits: ConnectionLimits = {
  connectMs: 10_000,
  statementMs: 30_000,
  lockMs: 10_000,
  idleInTransactionMs: 60_000,
  queryMs: 35_000,
};

export interface PoolOptions {
  readonly max: number;
  /** Shown by the server as `application_name`. */
  readonly name: string;
  readonly limits?: Partial<ConnectionLimits>;
  /** Told about connections that broke; the query in flight fails by itself. */
  readonly report?: (error: Error) => void;
}

const keepAliveDelayMs = 10_000;
/** The server's half of the same care: it drops a peer that no longer answers. No effect on unix sockets. */
const serverKeepAlive =
  "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000";

/** The server's default is that of spinning disks: a join of 300 rows then reads all 100,000 of a table. */
const planning = "-c random_page_cost=1.1";

/**
 * Says of every lost connection that it is one. DBOS 5.3 waits out the losses it knows by code or words, but takes for the
 * outcome of the run: EPIPE and ENOENT, which only a unix socket gives, and the last words of a server that ends the
 * session because it cannot write (its record of a step may be there or not).
 */
class NamingClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.connection.on("error", (error: unknown) => {
      if (!(error instanceof Error) || !("code" in error)) return;
      if (error.code === "EPIPE" || error.code === "ENOENT") error.message += lostInWords;
    });
    this.connection.on("errorMessage", (error: unknown) => {
      if (error instanceof DatabaseError && isServerFailure(error)) error.message += lostInWords;
    });
  }
}

const lostInWords = ": connection terminated unexpectedly";

/** Goes to the server that was the primary last; what it finds out there the next connection knows. */
function clientOf(servers: Servers): typeof Client {
  return class extends NamingClient {
    constructor(config?: string | ClientConfig) {
      super(config);
      const server = servers.current();
      goTo(this, server);
      this.connection.once("error", () => servers.leave(server));
    }
  };
}

/** The driver has no list of hosts; it dials what stands in these two. */
function goTo(client: Client, { host, port }: ServerAddress): void {
  Object.assign(client, { host, port });
}

/** The connection string with one server alone: for a library that is given our pool and reads only names from it. */
export function firstServerOf(connectionString: string): string {
  return serversIn(connectionString).single;
}

/** A client for the primary of one or several servers, outside of a pool. */
export function createClient(connectionString: string, name: string): Client {
  const servers = serversIn(connectionString);
  const config = { connectionString: servers.single, application_name: name, keepAlive: true };
  return servers.all.length === 1 ? new NamingClient(config) : new (clientOf(servers))(config);
}

/** A connection to a standby is none: its server is left, and whoever asked meets a lost connection. */
function verifyPrimary(servers: Servers): (client: PoolClient, done: (error?: Error) => void) => void {
  return (client, done) => {
    const server = servers.all.find(({ host, port }) => host === client.host && port === client.port);
    client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby").then(
      ({ rows }) => {
        if (rows[0]?.standby !== true) {
          done();
          return;
        }
        if (server !== undefined) servers.leave(server);
        done(new Error(`${client.host}:${client.port} is a standby: connection terminated unexpectedly`));
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
}

/** A pool that survives the loss of its server: without the listeners a broken connection would end the process. */
export function createPool(connectionString: string, options: PoolOptions): Pool {
  const limits = { ...defaultLimits, ...options.limits };
  const servers = serversIn(connectionString);
  const several = servers.all.length > 1;
  const pool = new Pool({
    Client: several ? clientOf(servers) : NamingClient,
    ...(several ? { verify: verifyPrimary(servers) } : {}),
    connectionString: servers.single,
    max: options.max,
    application_name: options.name,
    options: `${serverKeepAlive} ${planning}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    ...(limits.queryMs === 0 ? {} : { query_timeout: limits.queryMs }),
  });
  const report = options.report ?? (() => undefined);
  pool.on("error", report);
  pool.on("connect", (client) => client.on("error", report));
  return pool;
}

const made: unique symbol = Symbol("made by sql");

/** A statement with its values apart; only `sql` can make one, so text from outside (JSON, say) cannot become SQL. */
export interface Statement {
  readonly [made]: true;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Prepared under this name once for each connection; for statements that run thousands of times a second. */
  readonly name?: string;
}

/** The statement as one that is prepared: equal names must mean equal texts. */
export function prepared(name: string, statement: Statement): Statement {
  return { ...statement, name };
}

/** Values become parameters; a statement inside a statement is spliced in with its own values. */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Statement {
  const values: unknown[] = [];
  let text = strings[0] ?? "";
  for (const [index, part] of parts.entries()) {
    text += isStatement(part) ? splice(part, values) : `$${values.push(part)}`;
    text += strings[index + 1] ?? "";
  }
  return { [made]: true, text, values };
}

function isStatement(part: unknown): part is Statement {
  return typeof part === "object" && part !== null && made in part;
}

function splice(inner: Statement, values: unknown[]): string {
  const offset = values.length;
  values.push(...inner.values);
  return inner.text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + offset}`);
}

/** Turns one row into a value or throws; a zod schema is one by its `parse`. */
export type RowParser<T> = ((row: unknown) => T) | { readonly parse: (row: unknown) => T };

/** What can run a statement: a pool, or the client of an open transaction. */
export type Queryable = Pick<Pool | ClientBase, "query">;

/** Types by their number in `pg_type`: date, timestamp, timestamptz. The driver would round them to milliseconds. */
const timeTypes: ReadonlySet<number> = new Set([1082, 1114, 1184]);

/** Times arrive as text, as bigint and numeric always do. Set by statement: other users of the driver keep theirs. */
const exactTypes: CustomTypesConfig = {
  getTypeParser(oid, format) {
    return timeTypes.has(oid) ? (text: string) => text : types.getTypeParser(oid, format);
  },
};

export async function query<T>(client: Queryable, statement: Statement, row: RowParser<T>): Promise<readonly T[]> {
  const { name, text } = statement;
  const named = name === undefined ? {} : { name };
  const result = await client.query({ ...named, text, values: [...statement.values], types: exactTypes });
  const parse = typeof row === "function" ? row : (value: unknown) => row.parse(value);
  return result.rows.map((value: unknown) => parse(value));
}

/** Columns of a row as PostgreSQL prints them. */
export type Texts = readonly (string | null)[];

const asText: CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** Rows that are read at once; the next ones come while these are looked at. */
const rowsAtOnce = 10_000;

/**
 * Hands over every row of a selection, in its order, as texts: for hundreds of thousands, of which neither the driver nor
 * a schema should make objects first. Inside of a transaction only.
 */
export async function readRows(client: ClientBase, statement: Statement, take: (row: Texts) => void): Promise<void> {
  await client.query(`declare all_rows no scroll cursor for ${statement.text}`, [...statement.values]);
  const next = (): Promise<QueryArrayResult<(string | null)[]>> =>
    client.query({ text: `fetch ${rowsAtOnce} from all_rows`, rowMode: "array", types: asText });
  let coming = next();
  for (;;) {
    const { rows } = await coming;
    if (rows.length === 0) break;
    coming = next();
    // Should a row be refused, nobody waits for these any more; a loss on the way must not end the process then.
    coming.catch(() => undefined);
    for (const row of rows) take(row);
  }
  await client.query("close all_rows");
}

/** The only row, or null. More than one is a bug of the statement, so it throws. */
export async function queryOne<T>(client: Queryable, statement: Statement, row: RowParser<T>): Promise<T | null> {
  const [first, ...more] = await query(client, statement, row);
  if (more.length > 0) throw new Error(`at most one row was expected from: ${statement.text}`);
  return first ?? null;
}

/** Runs a statement for its effect; the result is the number of rows it touched. */
export async function execute(client: Queryable, statement: Statement): Promise<number> {
  const result = await client.query(statement.text, [...statement.values]);
  return result.rowCount ?? 0;
}

export type Isolation = "read committed" | "repeatable read" | "serializable";

export interface TransactionOptions {
  readonly isolation?: Isolation;
  /** How often a body is run again after a serialization failure or a deadlock; default 5. */
  readonly retries?: number;
}

const defaultRetries = 5;
const firstRetryDelayMs = 5;

/** The connection broke while COMMIT was under way: the rows may be there or not. Look before doing it again. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super("The connection was lost during COMMIT: the transaction may have been committed or not.", { cause });
    this.name = "CommitUnknown";
  }
}

/**
 * Runs `body` in one transaction and commits. `body` may run more than once (see `isRolledBackConflict`), so it touches nothing but
 * the database. Throws `CommitUnknown` when the outcome is unknown; every other error means: rolled back.
 */
export async function transaction<T>(
  pool: Pool,
  body: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const retries = options.retries ?? defaultRetries;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await runOnce(
        pool,
        endedByLastStatement(body),
        `begin isolation level ${options.isolation ?? "read committed"}`,
      );
    } catch (error) {
      if (attempt >= retries || !isRolledBackConflict(error)) throw error;
      // Two bodies that met once should not meet again at once.
      await delay(randomInt(1, firstRetryDelayMs * 2 ** (attempt + 1)));
    }
  }
}

/** Reads in one snapshot: whatever is read in `body` was true at one instant. Writing fails. */
export async function readSnapshot<T>(pool: Pool, body: (client: PoolClient) => Promise<T>): Promise<T> {
  return runOnce(pool, body, "begin isolation level repeatable read read only");
}

async function runOnce<T>(pool: Pool, body: (client: PoolClient) => Promise<T>, begin: string): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const value = await body(client);
    await commit(client);
    return value;
  } catch (error) {
    broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: PoolClient): Promise<void> {
  let command: string;
  try {
    command = (await client.query("commit")).command;
  } catch (error) {
    // An answer from the server (a deferred constraint, a serialization failure) is a definite no.
    if (error instanceof DatabaseError && !isConnectionLoss(error)) throw error;
    throw new CommitUnknown(error);
  }
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: the body swallowed one.
  if (command !== "COMMIT") throw new Error("the transaction was rolled back: its body hid an error of a statement");
}

/** The error that makes the connection unusable, if any. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const conflictCodes: ReadonlySet<string> = new Set(["40001", "40P01"]);

/**
 * The same request has come twice at the same time: in the snapshot of the second one the first is not there, and yet its
 * key is taken. Another attempt finds it.
 */
const requestKeys: ReadonlySet<string> = new Set(["deployment_request_key_key", "plan_run_request_key_key"]);

/** True if the server refused for a reason that another attempt may not meet, and has rolled back for certain. */
export function isRolledBackConflict(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.code === undefined) return false;
  return conflictCodes.has(error.code) || (error.code === "23505" && requestKeys.has(error.constraint ?? ""));
}

/**
 * True if the server or the way to it is gone: the classes 08 (connection) and 57P (shutdown), 53300 (no slot), 25P03
 * (session ended because it was idle in a transaction), a server that cannot go on, or an error that did not come from
 * the server at all.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    return /^(08|57P|53300|25P03)/.test(error.code ?? "") || isServerFailure(error);
  }
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return /^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOENT|AI_AGAIN)/.test(code) || lossMessages.test(error.message);
}

/**
 * True if the machine under the server has failed (class 58: an fsync, a file), or the server itself (class XX) so that
 * the session ends. A COMMIT that is answered so may be on disk all the same: it is there after the recovery, or not.
 */
function isServerFailure({ code = "", severity }: DatabaseError): boolean {
  return code.startsWith("58") || (code.startsWith("XX") && severity !== "ERROR");
}

/** True if the server is short of something that comes back: space on its disk, memory, slots (class 53). */
export function isShortage(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code ?? "").startsWith("53");
}

/** True if the error says nothing about what was asked: the server, or what it needs, was not there at the begin or at COMMIT. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof CommitUnknown || isConnectionLoss(error) || isShortage(error);
}

/**
 * True if another attempt may do: a conflict that was rolled back, a lock or an answer that did not come in time, a server
 * that is short of something (class 53), or a connection that was lost, be it during COMMIT.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof CommitUnknown || isRolledBackConflict(error) || isConnectionLoss(error)) return true;
  return error instanceof DatabaseError && /^(53|55P03|57014)/.test(error.code ?? "");
}

const lossMessages =
  /connection terminated|connection error|not queryable|timeout exceeded when trying to connect|query read timeout/i;
