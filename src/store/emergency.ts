import { z } from "zod";
import { debtKinds, type EmergencyApproval, type EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Announcement, DebtDraft, EmergencyDraft, RegisteredDebt } from "#core/exemption/register.ts";
import type { Span } from "#core/span.ts";
import { instant, toTimestamp } from "./row.ts";
import { execute, query, queryOne, sql, type Queryable } from "./sql.ts";

const names = z.array(z.string());
const newId = z.object({ id: z.string() });

const ticketRow = z
  .object({
    id: z.string(),
    ticket: z.string(),
    cause: z.string(),
    service: z.string(),
    version: z.string(),
    digest: z.string(),
    environments: names,
    team: z.string(),
    criteria: names,
    impact: names,
    passes_freezes: names,
    opened_by: z.string(),
    opened_at: instant,
    permitted_until: instant.nullable(),
    approved_by: z.array(z.object({ person: z.string(), at: instant, onDuty: z.boolean() })),
  })
  .transform((row): EmergencyTicket => ({
    id: row.id,
    ticket: row.ticket,
    cause: row.cause,
    service: row.service,
    version: row.version,
    digest: row.digest,
    environments: row.environments,
    team: row.team,
    criteria: row.criteria,
    impact: row.impact,
    openedBy: row.opened_by,
    approvedBy: row.approved_by,
    openedAt: row.opened_at,
    until: row.permitted_until,
    passesFreezes: row.passes_freezes,
  }));

const withApprovals = sql`e.*,
  (select coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'at', a.at, 'onDuty', a.on_duty)
      order by a.at, a.person), '[]')
    from emergency_approval a where a.emergency_id = e.id) as approved_by`;

/** The id that it got. `digest` and `impact` are known when a ticket is opened. */
export async function insertEmergency(client: Queryable, draft: EmergencyDraft): Promise<string> {
  const added = await queryOne(
    client,
    sql`insert into emergency (ticket, cause, service, version, digest, environments, team, criteria, impact,
          passes_freezes, opened_by, opened_at)
        values (${draft.ticket}, ${draft.cause}, ${draft.service}, ${draft.version}, ${draft.digest},
                ${draft.environments}, ${draft.team}, ${draft.criteria}, ${draft.impact}, ${draft.passesFreezes},
                ${draft.openedBy}, ${toTimestamp(draft.openedAt)})
        returning id`,
    newId,
  );
  if (added === null) throw new Error("an insertion returns its row");
  return added.id;
}

/** Locks the row until the transaction ends. */
export async function findEmergency(client: Queryable, id: string): Promise<EmergencyTicket | null> {
  await execute(client, sql`select from emergency where id = ${id} for update`);
  return readEmergency(client, id);
}

export async function readEmergency(client: Queryable, id: string): Promise<EmergencyTicket | null> {
  return queryOne(client, sql`select ${withApprovals} from emergency e where e.id = ${id}`, ticketRow);
}

/** False when the person had approved it before. */
export async function approveEmergency(client: Queryable, id: string, approval: EmergencyApproval): Promise<boolean> {
  const added = await execute(
    client,
    sql`insert into emergency_approval (emergency_id, person, at, on_duty)
        values (${id}, ${approval.person}, ${toTimestamp(approval.at)}, ${approval.onDuty})
        on conflict (emergency_id, person) do nothing`,
  );
  return added === 1;
}

/** The permission begins; one that has begun keeps its hours. */
export async function permitEmergency(client: Queryable, id: string, { from, to }: Span): Promise<void> {
  await execute(
    client,
    sql`update emergency set permitted_at = ${toTimestamp(from)}, permitted_until = ${toTimestamp(to)}
        where id = ${id} and permitted_at is null`,
  );
}

/** Persons who asked for emergencies of its version in its places, whether or not they started. */
export async function requestersOf(
  client: Queryable,
  { service, version, environments }: EmergencyTicket,
): Promise<readonly string[]> {
  const found = await query(
    client,
    sql`select distinct requested_by from booking
        where service = ${service} and version = ${version} and environment = any(${environments})
          and subject ->> 'class' = 'emergency' order by requested_by limit ${maxRequesters}`,
    z.object({ requested_by: z.string() }),
  );
  return found.map(({ requested_by: person }) => person);
}

/** More than ask for one version. */
const maxRequesters = 100;

/** Newest first. */
export async function listEmergencies(client: Queryable, limit: number): Promise<readonly EmergencyTicket[]> {
  return query(client, sql`select ${withApprovals} from emergency e order by e.seq desc limit ${limit}`, ticketRow);
}

/** Those of a service that are not over, newest first. */
export async function openEmergencies(
  client: Queryable,
  { service, at, limit }: { readonly service: string; readonly at: Temporal.Instant; readonly limit: number },
): Promise<readonly EmergencyTicket[]> {
  return query(
    client,
    sql`select ${withApprovals} from emergency e
        where e.service = ${service} and (e.permitted_until is null or e.permitted_until > ${toTimestamp(at)})
        order by e.seq desc limit ${limit}`,
    ticketRow,
  );
}

const debtRow = z
  .object({
    id: z.string(),
    kind: z.enum(debtKinds),
    team: z.string(),
    emergency_id: z.string(),
    since: instant,
    due_at: instant,
    paid_at: instant.nullable(),
    paid_by: z.string().nullable(),
    evidence: z.string().nullable(),
  })
  .transform(
    ({ emergency_id: emergency, due_at: dueAt, paid_at: paidAt, paid_by: paidBy, ...read }): RegisteredDebt => ({
      ...read,
      emergency,
      dueAt,
      paidAt,
      paidBy,
    }),
  );

/** Of each kind once for an emergency, however many places it is started in; those that are new. */
export async function insertDebts(client: Queryable, debts: readonly DebtDraft[]): Promise<readonly string[]> {
  const added: string[] = [];
  for (const debt of debts) {
    const found = await queryOne(
      client,
      sql`insert into debt (kind, team, emergency_id, since, due_at)
          values (${debt.kind}, ${debt.team}, ${debt.emergency}, ${toTimestamp(debt.since)}, ${toTimestamp(debt.dueAt)})
          on conflict (emergency_id, kind) do nothing returning id`,
      newId,
    );
    if (found !== null) added.push(found.id);
  }
  return added;
}

/** Locks the row until the transaction ends. */
export async function findDebt(client: Queryable, id: string): Promise<RegisteredDebt | null> {
  return queryOne(client, sql`select * from debt where id = ${id} for update`, debtRow);
}

export async function payDebt(
  client: Queryable,
  id: string,
  paid: { readonly at: Temporal.Instant; readonly by: string; readonly evidence: string },
): Promise<void> {
  await execute(
    client,
    sql`update debt set paid_at = ${toTimestamp(paid.at)}, paid_by = ${paid.by}, evidence = ${paid.evidence}
        where id = ${id} and paid_at is null`,
  );
}

export interface DebtFilter {
  readonly team: string | null;
  readonly emergency: string | null;
  readonly show: "open" | "all";
  readonly limit: number;
}

/** The most urgent first. */
export async function listDebts(
  client: Queryable,
  { team, emergency, show, limit }: DebtFilter,
): Promise<readonly RegisteredDebt[]> {
  return query(
    client,
    sql`select * from debt
        where (${team}::text is null or team = ${team}) and (${emergency}::text is null or emergency_id = ${emergency})
          and ${show === "open" ? sql`paid_at is null` : sql`true`}
        order by due_at, id limit ${limit}`,
    debtRow,
  );
}

/** What one person, or everybody, was told about something. */
export async function insertAnnouncements(client: Queryable, told: readonly Announcement[]): Promise<number> {
  if (told.length === 0) return 0;
  return execute(
    client,
    sql`insert into announcement (person, object, sentence, at)
        select a.person, a.object, a.sentence, a.at::timestamptz
        from jsonb_to_recordset(${JSON.stringify(
          told.map(({ at, ...rest }) => ({ ...rest, at: toTimestamp(at) })),
        )}::jsonb) a(person text, object text, sentence text, at text)`,
  );
}

const announcementRow = z.object({ person: z.string(), object: z.string(), sentence: z.string(), at: instant });

/** Newest first. */
export async function listAnnouncements(
  client: Queryable,
  filter: { readonly person: string | null; readonly object: string | null },
  limit: number,
): Promise<readonly Announcement[]> {
  return query(
    client,
    sql`select person, object, sentence, at from announcement
        where (${filter.person}::text is null or person = ${filter.person})
          and (${filter.object}::text is null or object = ${filter.object})
        order by seq desc limit ${limit}`,
    announcementRow,
  );
}
