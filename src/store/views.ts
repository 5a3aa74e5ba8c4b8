import type { Pool } from "pg";
import { inPromotionOrder } from "#core/catalog/promotion-order.ts";
import type { Environment } from "#core/catalog/environment.ts";
import type { Person } from "#core/catalog/people.ts";
import type { Service } from "#core/catalog/service.ts";
import type { DeploymentId } from "#core/id.ts";
import type { StageLook } from "#core/rollout/looks.ts";
import { encodeDocuments } from "#config/encode.ts";
import { z } from "zod";
import { auditBefore, auditTexts, type AuditLine } from "./audit.ts";
import { criterionResultsOf, type CriterionResultView } from "./criterion-result.ts";
import { looksOf } from "./canary-look.ts";
import { withConsent, type ConsentDeployment } from "./consent.ts";
import { documentsInForce, newestRevision, revisionAt } from "./configuration.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { StoredDeployment } from "./deployment.ts";
import {
  findJudged,
  listDeployments,
  openAt,
  queuePlace,
  undecidedBy,
  type DeploymentFilter,
  type JudgedDeployment,
} from "./deployment-list.ts";
import { currentVersion, liveAt } from "./inventory.ts";
import { noticesBefore, type StoredNotice } from "./notice.ts";
import { organisationInForce, organisationOf, type OrganisationCache } from "./organisation.ts";
import type { RecordHooks } from "./records.ts";
import { readSnapshot, type Queryable } from "./sql.ts";
import { readService, type StoredServicePage } from "./service.ts";
import { linesOf, samplesOf, type Sample, type TimelineLine } from "./timeline.ts";

export interface StorePage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface AuditFilter {
  readonly object: string | null;
  readonly action: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface FullDeployment extends ConsentDeployment {
  readonly timeline: readonly (TimelineLine & { readonly seq: number })[];
  readonly liveVersion: string | null;
  readonly queue: {
    readonly position: number;
    readonly holder: string | null;
    readonly expectedTo: Temporal.Instant | null;
  } | null;
}

export interface Matrix {
  readonly services: readonly Service[];
  readonly environments: readonly Environment[];
  readonly live: readonly {
    readonly service: string;
    readonly environment: string;
    readonly version: string;
    readonly since: Temporal.Instant;
  }[];
  readonly open: readonly StoredDeployment[];
}

export interface NoticeFilter {
  readonly person: string | null;
  readonly deployment: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** What pages and lists read; every answer comes from one snapshot. */
export interface StoreViews {
  readonly listDeployments: (filter: DeploymentFilter) => Promise<StorePage<JudgedDeployment>>;
  readonly deployment: (id: DeploymentId) => Promise<FullDeployment | null>;
  readonly traffic: (id: DeploymentId) => Promise<readonly Sample[]>;
  readonly looks: (id: DeploymentId, most: number) => Promise<readonly StageLook[]>;
  readonly criteria: (id: DeploymentId) => Promise<readonly CriterionResultView[]>;
  readonly matrix: (at: Temporal.Instant) => Promise<Matrix>;
  readonly service: (name: string, at: Temporal.Instant) => Promise<StoredServicePage | null>;
  readonly undecided: (person: string) => Promise<readonly ConsentDeployment[]>;
  readonly audit: (filter: AuditFilter) => Promise<StorePage<AuditLine>>;
  readonly auditRange: (
    since: Temporal.Instant | null,
    until: Temporal.Instant | null,
    limit: number,
  ) => Promise<readonly { readonly entry: string; readonly leaf: string }[]>;
  readonly notices: (filter: NoticeFilter) => Promise<StorePage<StoredNotice>>;
  readonly people: () => Promise<ReadonlyMap<string, Person>>;
  readonly configurationYaml: () => Promise<{ readonly revision: number | null; readonly yaml: string }>;
}

export function viewsOf(pool: Pool, { organisations }: RecordHooks): StoreViews {
  const snapshot = <T>(body: (client: Queryable) => Promise<T>): Promise<T> => readSnapshot(pool, body);
  return {
    listDeployments: (filter) => snapshot((client) => listDeployments(client, filter)),
    deployment: (id) => snapshot((client) => fullDeployment(client, organisations, id)),
    traffic: (id) => snapshot((client) => samplesOf(client, id)),
    criteria: (id) => snapshot((client) => criterionResultsOf(client, id)),
    looks: (id, most) => snapshot((client) => looksOf(client, id, most)),
    matrix: (at) =>
      snapshot(async (client) => {
        const { services, environments } = await organisationOf(client, organisations, await revisionAt(client, at));
        return {
          services: [...services.values()],
          environments: inPromotionOrder([...environments.values()]),
          live: await liveAt(client, at),
          open: await openAt(client, at),
        };
      }),
    service: (name, at) => snapshot((client) => readService(client, organisations, name, at)),
    undecided: (person) =>
      snapshot(async (client) => withConsent(client, organisations, await undecidedBy(client, person))),
    audit: (filter) => snapshot((client) => auditPage(client, filter)),
    auditRange: (since, until, limit) => snapshot((client) => auditTexts(client, since, until, limit)),
    notices: (filter) => snapshot((client) => noticePage(client, filter)),
    people: () => snapshot(async (client) => (await organisationInForce(client, organisations)).people),
    configurationYaml: () =>
      snapshot(async (client) => {
        const revision = await newestRevision(client);
        return { revision: revision?.revision ?? null, yaml: encodeDocuments(await documentsInForce(client)) };
      }),
  };
}

async function fullDeployment(
  client: Queryable,
  organisations: OrganisationCache,
  id: DeploymentId,
): Promise<FullDeployment | null> {
  const found = await findJudged(client, id);
  const [judged] = found === null ? [] : await withConsent(client, organisations, [found]);
  if (judged === undefined) return null;
  const { service, environment } = judged.record.subject;
  return {
    ...judged,
    timeline: await linesOf(client, id),
    liveVersion: (await currentVersion(client, service, environment))?.version ?? null,
    queue: await queuePlace(client, judged.record),
  };
}

const seqKey = z.tuple([z.int().min(1)]);

async function auditPage(client: Queryable, filter: AuditFilter): Promise<StorePage<AuditLine>> {
  const key = filter.cursor === null ? null : seqKey.safeParse(decodeCursor(filter.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const found = await auditBefore(client, filter, key === null ? null : key.data[0], filter.limit + 1);
  const items = found.slice(0, filter.limit);
  const last = items.at(-1);
  return { items, next: found.length > filter.limit && last !== undefined ? encodeCursor([last.seq]) : null };
}

async function noticePage(client: Queryable, filter: NoticeFilter): Promise<StorePage<StoredNotice>> {
  const key = filter.cursor === null ? null : seqKey.safeParse(decodeCursor(filter.cursor));
  if (key !== null && !key.success) return { items: [], next: null };
  const found = await noticesBefore(client, filter, key === null ? null : key.data[0], filter.limit + 1);
  const items = found.slice(0, filter.limit);
  const last = items.at(-1);
  return { items, next: found.length > filter.limit && last !== undefined ? encodeCursor([last.seq]) : null };
}
