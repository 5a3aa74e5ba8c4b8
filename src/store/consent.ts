import { z } from "zod";
import type { Approval } from "#core/approval/approval.ts";
import { routeFor } from "#core/approval/count.ts";
import type { ConsentQuestion } from "#core/approval/open-consent.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { subjectScope } from "#core/policy/subject-scope.ts";
import { approvalsOfContents } from "./approval.ts";
import type { JudgedDeployment } from "./deployment-list.ts";
import { organisationInForce, type OrganisationCache } from "./organisation.ts";
import { query, sql, type Queryable } from "./sql.ts";

/** A deployment with the consent that its present content needs and has. */
export interface ConsentDeployment extends JudgedDeployment {
  readonly approvals: readonly Approval[];
  readonly consent: ConsentQuestion;
}

/** In the order in which they come; two queries, however many they are. */
export async function withConsent(
  client: Queryable,
  organisations: OrganisationCache,
  deployments: readonly JudgedDeployment[],
): Promise<readonly ConsentDeployment[]> {
  if (deployments.length === 0) return [];
  const organisation = await organisationInForce(client, organisations);
  const approvals = await approvalsOfContents(
    client,
    deployments.map(({ record }) => record.contentDigest),
  );
  const makers = await makersOfAll(client, deployments);
  return deployments.map((judged) => ({
    ...judged,
    approvals: approvals.filter(({ contentDigest }) => contentDigest === judged.record.contentDigest),
    consent: questionOf(organisation, judged, makers.get(artifactKey(judged.record.subject)) ?? nobody),
  }));
}

type Makers = Pick<ConsentQuestion["content"], "author" | "registrant">;
const nobody: Makers = { author: null, registrant: null };

function questionOf(organisation: Organisation, { record }: JudgedDeployment, makers: Makers): ConsentQuestion {
  const { subject, contentDigest } = record;
  const service = organisation.services.get(subject.service) ?? null;
  const environment = organisation.environments.get(subject.environment) ?? null;
  const scope = subjectScope({ subject, service, environment });
  return {
    route: scope === null ? null : routeFor(organisation.routes, scope),
    content: {
      service: subject.service,
      version: subject.version,
      environment: subject.environment,
      digest: contentDigest,
      requestedBy: subject.requestedBy,
      ...makers,
    },
    people: organisation.people,
  };
}

interface Artifact {
  readonly service: string;
  readonly version: string;
}

function artifactKey({ service, version }: Artifact): string {
  return `${service}@${version}`;
}

const makersRow = z.object({
  service: z.string(),
  version: z.string(),
  author: z.string().nullable(),
  registrant: z.string().nullable(),
});

async function makersOfAll(
  client: Queryable,
  deployments: readonly JudgedDeployment[],
): Promise<ReadonlyMap<string, Makers>> {
  const subjects = deployments.map(({ record }) => record.subject);
  const rows = await query(
    client,
    sql`select service, version, author, registered_by as registrant from artifact
        where (service, version) in (
          select * from unnest(${subjects.map(({ service }) => service)}::text[],
                               ${subjects.map(({ version }) => version)}::text[]))`,
    (row) => makersRow.parse(row),
  );
  return new Map(rows.map((row) => [artifactKey(row), { author: row.author, registrant: row.registrant }]));
}
