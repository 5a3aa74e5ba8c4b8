import { z } from "zod";
import type { FactChange } from "#store/fact-change.ts";
import { query, sql, type Queryable } from "#store/sql.ts";
import { reportAddress } from "./report-readers.ts";
import type { StoredShelf } from "./shelf.ts";

/** What has to be read anew, by shelf: keys by their parts. `work` holds ids of bookings. */
export interface Changed {
  readonly shelves: ReadonlyMap<StoredShelf, readonly (readonly string[])[]>;
  readonly work: readonly string[];
  readonly isConfigurationNew: boolean;
  readonly isCalendarNew: boolean;
}

/** Domains whose key is that of one shelf, part by part. */
const plain: Readonly<Record<string, readonly StoredShelf[]>> = {
  artifact: ["artifacts"],
  approval: ["approvals"],
  deployed: ["deployed"],
  // Whoever has reserved a place says so under the key of its lock: builds that know no reservations read the lock anew.
  lock: ["locks", "reservations"],
  profile: ["profiles"],
  rota: ["imported", "swaps"],
  agreed: ["agreed"],
  override: ["overrides"],
  emergency: ["emergencies"],
  debt: ["debts"],
};

/** Kept as a whole, under the empty key. */
const wholes: Readonly<Record<string, StoredShelf>> = {
  hold: "holds",
  stop: "stops",
  exemption: "exemptions",
};

type Collect = (shelf: StoredShelf, key: readonly string[]) => void;

/** Which rows of which shelves the changes touch. A domain that is not known here is a bug: it throws. */
export async function changedBy(client: Queryable, changes: readonly FactChange[]): Promise<Changed> {
  const found = new Map<StoredShelf, Map<string, readonly string[]>>();
  const collect: Collect = (shelf, key) => {
    const keys = found.get(shelf) ?? new Map<string, readonly string[]>();
    keys.set(key.join("\n"), key);
    found.set(shelf, keys);
  };
  const keysOf = (domain: string): readonly string[] =>
    changes.filter((change) => change.domain === domain).map(({ key }) => key);
  for (const { domain, key } of changes) {
    for (const shelf of plain[domain] ?? []) collect(shelf, key.split(" "));
    const whole = wholes[domain];
    if (whole !== undefined) collect(whole, [""]);
    else if (plain[domain] === undefined && !known.has(domain)) throw new Error(`nobody knows facts of ${domain}`);
  }
  await bookingsChanged(client, keysOf("booking"), collect);
  await stagesLeft(client, keysOf("deployed"), collect);
  await reportsChanged(client, keysOf("report"), collect);
  await emergenciesChanged(client, keysOf("emergency-approval"), collect);
  return {
    shelves: new Map([...found].map(([shelf, keys]) => [shelf, [...keys.values()]])),
    work: keysOf("booking"),
    isConfigurationNew: keysOf("configuration").length > 0,
    isCalendarNew: keysOf("calendar").length > 0,
  };
}

const known: ReadonlySet<string> = new Set(["booking", "report", "emergency-approval", "configuration", "calendar"]);

async function emergenciesChanged(client: Queryable, ids: readonly string[], collect: Collect): Promise<void> {
  if (ids.length === 0) return;
  const statement = sql`select service from emergency where id = any(${ids}::text[])`;
  for (const { service } of await query(client, statement, z.object({ service: z.string() }))) {
    collect("emergencies", [service]);
  }
}

/** What goes live ends the stay of what was live: how long that digest was there is another fact about it now. */
async function stagesLeft(client: Queryable, places: readonly string[], collect: Collect): Promise<void> {
  if (places.length === 0) return;
  const statement = sql`select distinct x.digest from unnest(${places}::text[]) p(place)
    cross join lateral (select l.digest from deployed l
      where l.environment = split_part(p.place, ' ', 1) and l.service = split_part(p.place, ' ', 2)
        and l.valid_to is not null
      order by l.valid_from desc limit 1) x`;
  for (const { digest } of await query(client, statement, z.object({ digest: z.string() })))
    collect("passed", [digest]);
}

const booked = z.object({ deployment: z.string(), service: z.string(), environment: z.string(), digest: z.string() });

async function bookingsChanged(client: Queryable, ids: readonly string[], collect: Collect): Promise<void> {
  if (ids.length === 0) return;
  const statement = sql`select d.id as deployment, d.service, d.environment, d.digest from deployment d
    where d.booking_id = any(${ids}::text[])`;
  for (const { deployment, service, environment, digest } of await query(client, statement, booked)) {
    collect("bookings", [environment, service]);
    collect("setbacks", [environment, service]);
    collect("bookingOf", [deployment]);
    collect("durations", [environment, service]);
    collect("durations", [environment, ""]);
    collect("passed", [digest]);
    collect("agreed", [deployment]);
  }
}

async function reportsChanged(client: Queryable, numbers: readonly string[], collect: Collect): Promise<void> {
  if (numbers.length === 0) return;
  // A ticket stands no longer under a service that an earlier report of it named.
  const statement = sql`select r.kind, r.subject,
      case when r.kind = 'ticket'
        then (select array_agg(distinct s) from report o, unnest(o.services) s where o.kind = 'ticket' and o.key = r.key)
        else r.services end as services
    from report r where r.seq = any(${numbers}::bigint[])`;
  for (const { kind, subject, services } of await query(client, statement, reportAddress)) {
    switch (kind) {
      case "evidence":
        collect("evidence", [subject]);
        break;
      case "verification":
        collect("verifications", [subject]);
        break;
      case "error-budget":
        collect("errorBudgets", [subject]);
        break;
      case "signal":
        collect("signals", [subject]);
        break;
      case "risk-score":
        collect("riskScores", partsOf(subject));
        break;
      case "recovery":
        collect("recoveries", [subject]);
        break;
      case "ticket":
        for (const service of services) collect("tickets", [service]);
        break;
    }
  }
}

function partsOf(subject: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(subject));
}
