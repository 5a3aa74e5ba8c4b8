/*
 * Several servers behind one connection string, as libpq writes them: `postgres://user@one:5432,two:5432/name`. One of
 * them is the primary, and which one changes with a failover; a standby answers and takes no decision (ADR 0029).
 */

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface Servers {
  /** With the first server alone: for whoever understands no more. */
  readonly single: string;
  /** One for a connection string of the usual kind. */
  readonly all: readonly ServerAddress[];
  /** The server that was the primary when somebody looked last. */
  readonly current: () => ServerAddress;
  /** That server is away or a standby: the next one is tried. Who finds out later than others changes nothing. */
  readonly leave: (server: ServerAddress) => void;
}

const defaultPort = 5432;
const shape = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^/?]*)(.*)$/s;
const primaryOnly: ReadonlySet<string> = new Set(["read-write", "primary", "any"]);

/** What is known of a connection string is shared by everybody in the process who uses it. */
const known = new Map<string, Servers>();

/** Throws when the list of hosts makes no sense, or asks for a standby. */
export function serversIn(connectionString: string): Servers {
  const before = known.get(connectionString);
  if (before !== undefined) return before;
  const made = parse(connectionString);
  known.set(connectionString, made);
  return made;
}

function parse(connectionString: string): Servers {
  const [, head = "", hosts = "", tail = ""] = shape.exec(connectionString) ?? [];
  const all = hosts.split(",").map(addressOf);
  const single = all.length > 1 ? `${head}${hosts.split(",")[0]}${withoutTarget(tail)}` : connectionString;
  let index = 0;
  const current = (): ServerAddress => all[index] ?? { host: "", port: defaultPort };
  return {
    single,
    all,
    current,
    leave: (server) => {
      if (current() === server) index = (index + 1) % all.length;
    },
  };
}

function addressOf(text: string): ServerAddress {
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ""), port: port === undefined ? defaultPort : Number(port) };
}

/** `target_session_attrs` says what we do anyway; anything else would have us decide from a standby. */
function withoutTarget(tail: string): string {
  const [path = "", search = ""] = tail.split("?");
  const parameters = new URLSearchParams(search);
  const target = parameters.get("target_session_attrs") ?? "read-write";
  if (!primaryOnly.has(target)) {
    throw new Error(`DATABASE_URL says target_session_attrs=${target}; decisions need the primary: write read-write.`);
  }
  parameters.delete("target_session_attrs");
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}
