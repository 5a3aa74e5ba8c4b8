import { debtFact, emergencyFact, exemptionFact, overrideFact } from "#store/fact-exemptions.ts";
import { sql } from "#store/sql.ts";
import { among, defineReader } from "./shelf.ts";

/* What was granted against rules, and what emergencies may and owe, as it stands now. */

/** Approved and not revoked; kept as a whole, under the empty key. */
export const exemptions = defineReader({
  shelf: "exemptions",
  select: () => sql`select array['']::text[] as key, to_jsonb(x) as row from (
      select e.*, a.approved_by from exemption e
      cross join lateral (
        select array_agg(p.person order by p.person) as approved_by from exemption_approval p
        where p.exemption_id = e.id) a
      where e.revoked_at is null and a.approved_by is not null) x order by x.valid_from, x.id`,
  parse: (row) => exemptionFact.parse(row),
});

export const overrides = defineReader({
  shelf: "overrides",
  select: (keys) => sql`select array[r.content_digest] as key, to_jsonb(r) as row from finding_override r
    ${among(keys, sql`r.content_digest`)} order by r.at, r.id`,
  parse: (row) => overrideFact.parse(row),
});

/** Newest first under each service. */
export const emergencies = defineReader({
  shelf: "emergencies",
  select: (keys) => sql`select array[x.service] as key, to_jsonb(x) as row from (
      select e.*, e.permitted_until as until,
        (select coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'at', a.at, 'onDuty', a.on_duty)
            order by a.at, a.person), '[]')
          from emergency_approval a where a.emergency_id = e.id) as approved_by
      from emergency e ${among(keys, sql`e.service`)}) x order by x.seq desc`,
  parse: (row) => emergencyFact.parse(row),
});

/** What is owed, newest first under each team. */
export const debts = defineReader({
  shelf: "debts",
  select: (keys) => sql`select array[r.team] as key, to_jsonb(r) as row from debt r
    ${among(keys, sql`r.team`)} where r.paid_at is null order by r.since desc, r.id`,
  parse: (row) => debtFact.parse(row),
});
