import { z } from "zod";
import { entityName, instant } from "#contract/common.ts";
import { debt, emergencySummary } from "#contract/emergency.ts";
import { exemption } from "#contract/exemption.ts";
import { hold } from "#contract/hold.ts";
import { defineRoute } from "#contract/route.ts";

const duration = z.iso.duration();

/** What the strictest of all policies ask of an emergency there, or what is asked where none says. */
const lane = z.strictObject({
  approvals: z.int(),
  validFor: duration,
  /** What has to be confirmed when it is opened. */
  criteria: z.array(z.string()),
  reviewWithin: duration,
  backMergeWithin: duration,
  /** null: none is owed. */
  rehearsalWithin: duration.nullable(),
  /** A debt that is overdue for so long stops other changes of the team; null: it never does. */
  stopsAfter: duration.nullable(),
});

const place = z.strictObject({
  name: z.string(),
  zone: z.string(),
  protected: z.boolean(),
  /** null: nothing is known to be live there. */
  live: z.strictObject({ version: z.string(), since: instant }).nullable(),
  /** What policies in force demand of an ordinary deployment of it there. */
  demands: z.array(
    z.strictObject({
      setting: z.string(),
      /** Without a full stop. */
      said: z.string(),
      policies: z.array(z.strictObject({ name: z.string(), version: z.string() })),
    }),
  ),
  emergency: lane,
});

export const servicePage = z
  .strictObject({
    name: z.string(),
    team: z.string(),
    unit: z.string(),
    /** 0 is the most critical. */
    tier: z.int(),
    tags: z.array(z.string()),
    dataClasses: z.array(z.string()),
    dependsOn: z.array(z.strictObject({ on: z.string(), kind: z.string(), versions: z.string().nullable() })),
    /** Services that depend on it. */
    dependants: z.array(z.string()),
    /** In the order of promotion. */
    environments: z.array(place),
    /** In force, and about it; here and below at most some hundreds. */
    holds: z.array(hold),
    /** Not ended, and about it. */
    exemptions: z.array(exemption),
    /** Not over. */
    emergencies: z.array(emergencySummary),
    /** What its team owes. */
    debts: z.array(debt),
  })
  .meta({ id: "ServicePage" });

export const getService = defineRoute({
  method: "get",
  path: "/v1/services/:name",
  operation: "getService",
  tag: "catalog",
  summary: "One service: what is live where, what policies demand of it, and what stops or exempts it",
  permission: "deployment.read",
  params: z.strictObject({ name: entityName }),
  answers: { 200: servicePage },
  problems: ["no-such-service"],
});
