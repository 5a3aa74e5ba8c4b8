import { z } from "zod";
import { scopeField, toScope } from "#config/scope-field.ts";
import { matchesGlob } from "#core/catalog/scope.ts";
import { debtKinds } from "#core/exemption/emergency.ts";
import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Span } from "#core/span.ts";
import { instant, toTimestamp } from "./row.ts";
import { sql, type Statement } from "./sql.ts";

/*
 * What was granted against rules, and what emergencies may and owe: parts of the one statement of `facts.ts`.
 */

/** More than anybody grants; beyond `exemptions` and `overrides` loading fails. Of debts the oldest are looked at. */
export const exemptionLimits = { exemptions: 500, overrides: 100, debts: 200 } as const;

const names = z.array(z.string());

export const exemptionFact = z
  .object({
    id: z.string(),
    rule: z.string(),
    codes: names,
    subjects: names,
    scope: scopeField.transform(toScope),
    justification: z.string(),
    valid_from: instant,
    valid_until: instant,
    requested_by: z.string(),
    approved_by: names,
    controls: names,
  })
  .transform(
    ({ valid_from: from, valid_until: until, requested_by: requestedBy, approved_by: approvedBy, ...read }) => ({
      ...read,
      from,
      until,
      requestedBy,
      approvedBy,
      revokedAt: null,
    }),
  );

export const overrideFact = z
  .object({
    id: z.string(),
    deployment_id: z.string(),
    rule: z.string(),
    code: z.string(),
    subjects: names.nullable(),
    content_digest: z.string(),
    person: z.string(),
    used_right: z.string(),
    reason: z.string(),
    at: instant,
    until: instant,
  })
  .transform(
    ({
      deployment_id: deployment,
      content_digest: contentDigest,
      person: by,
      used_right: right,
      subjects,
      ...read
    }) => ({
      ...read,
      subjects: subjects ?? undefined,
      deployment,
      contentDigest,
      by,
      right,
    }),
  );

export const emergencyFact = z
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
    opened_by: z.string(),
    approved_by: z.array(z.object({ person: z.string(), at: instant, onDuty: z.boolean() })),
    opened_at: instant,
    until: instant.nullable(),
    passes_freezes: names,
  })
  .transform(
    ({
      opened_by: openedBy,
      approved_by: approvedBy,
      opened_at: openedAt,
      passes_freezes: passesFreezes,
      ...read
    }) => ({
      ...read,
      openedBy,
      approvedBy,
      openedAt,
      passesFreezes,
    }),
  );

export const debtFact = z
  .object({
    id: z.string(),
    kind: z.enum(debtKinds),
    team: z.string(),
    emergency_id: z.string(),
    due_at: instant,
  })
  .transform(({ emergency_id: emergency, due_at: dueAt, ...read }) => ({ ...read, emergency, dueAt, paidAt: null }));

/** The columns of `exemptionColumns`. */
export const exemptionRow = {
  exemptions: z.array(exemptionFact).max(exemptionLimits.exemptions),
  overrides: z.array(overrideFact).max(exemptionLimits.overrides),
  emergency: emergencyFact.nullable(),
  debts: z.array(debtFact),
};

const row = z.object(exemptionRow);
export type ReadExemptions = z.output<typeof row>;

/** The columns of `exemptionRow`, of a selection from nothing. `team`: that of the service; null when it is not known. */
export function exemptionColumns(subject: Subject, span: Span, team: string | null): Statement {
  const at = toTimestamp(span.from);
  return sql`
    ${exemptionsAt(at, toTimestamp(span.to))} as exemptions,
    ${overridesOf(subject, at)} as overrides,
    ${emergencyOf(subject, at)} as emergency,
    ${debtsOf(team, at)} as debts`;
}

/** What was granted, as facts; rules match the rest of the scope themselves. */
export function exemptionFacts(
  { exemptions, overrides, emergency, debts }: ReadExemptions,
  { service, environment }: Subject,
): Pick<Facts, "exemptions" | "overrides" | "emergency" | "debts"> {
  const mayMatch = (globs: readonly string[] | undefined, name: string): boolean =>
    globs === undefined || globs.some((glob) => matchesGlob(glob, name));
  return {
    exemptions: exemptions.filter(
      ({ scope }) => mayMatch(scope.services, service) && mayMatch(scope.environments, environment),
    ),
    overrides,
    emergency,
    debts,
  };
}

/** Those that somebody had approved and nobody had revoked by then, and that have not ended. */
function exemptionsAt(at: string, to: string): Statement {
  return sql`(select coalesce(jsonb_agg(to_jsonb(x) order by x.valid_from, x.id), '[]') from (
      select e.*, a.approved_by from exemption e
      cross join lateral (
        select array_agg(p.person order by p.person) as approved_by from exemption_approval p
        where p.exemption_id = e.id and p.at <= ${at}) a
      where e.valid_until > ${at} and e.valid_from < ${to} and coalesce(e.revoked_at, 'infinity'::timestamptz) > ${at}
        and a.approved_by is not null
      limit ${exemptionLimits.exemptions + 1}) x)`;
}

function overridesOf({ onBehalfOf, contentDigest }: Subject, at: string): Statement {
  if (onBehalfOf === null || contentDigest === null) return sql`'[]'::jsonb`;
  return sql`(select coalesce(jsonb_agg(to_jsonb(o) order by o.at, o.id), '[]') from (
      select * from finding_override
      where deployment_id = ${onBehalfOf} and content_digest = ${contentDigest} and at <= ${at} and until > ${at}
      limit ${exemptionLimits.overrides + 1}) o)`;
}

/** The newest ticket for the version there, with what had been approved by then. */
function emergencyOf({ service, version, environment }: Subject, at: string): Statement {
  return sql`(select to_jsonb(x) from (
      select e.*, case when e.permitted_at <= ${at} then e.permitted_until end as until,
        (select coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'at', a.at, 'onDuty', a.on_duty)
            order by a.at, a.person), '[]')
          from emergency_approval a where a.emergency_id = e.id and a.at <= ${at}) as approved_by
      from emergency e
      where e.service = ${service} and e.version = ${version} and ${environment} = any(e.environments)
        and e.opened_at <= ${at}
      order by e.seq desc limit 1) x)`;
}

/** What the team owed at that instant, newest first. */
function debtsOf(team: string | null, at: string): Statement {
  if (team === null) return sql`'[]'::jsonb`;
  return sql`(select coalesce(jsonb_agg(to_jsonb(x) order by x.since desc, x.id), '[]') from (
      select d.* from debt d
      where d.team = ${team} and d.since <= ${at} and coalesce(d.paid_at, 'infinity'::timestamptz) > ${at}
      order by d.due_at, d.id limit ${exemptionLimits.debts}) x)`;
}
