import { z } from "zod";
import { digest, entityName, instant, version } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const person = z.string();

export const debt = z
  .strictObject({
    /** `DB-4`. */
    id: z.string(),
    kind: z.enum(["review", "back-merge", "rehearsal"]),
    team: z.string(),
    /** `EM-7`. */
    emergency: z.string(),
    since: instant,
    dueAt: instant,
    state: z.enum(["open", "overdue", "paid"]),
    paidAt: instant.nullable(),
    paidBy: person.nullable(),
    /** Where what was owed can be seen. */
    evidence: z.string().nullable(),
  })
  .meta({ id: "Debt" });

export const announcement = z
  .strictObject({ person, object: z.string(), sentence: z.string(), at: instant })
  .meta({ id: "Announcement" });

export const emergencySummary = z
  .strictObject({
    /** `EM-7`. */
    id: z.string(),
    /** opened: approvals are missing · permitted · over. */
    state: z.enum(["opened", "permitted", "over"]),
    /** Key elsewhere. */
    ticket: z.string(),
    cause: z.string(),
    service: z.string(),
    version: z.string(),
    digest: digest.nullable(),
    environments: z.array(z.string()),
    team: z.string(),
    criteria: z.array(z.string()),
    /** Services that would feel it; null: not computed. */
    impact: z.array(z.string()).nullable(),
    passesFreezes: z.array(z.string()),
    openedBy: person,
    openedAt: instant,
    approvals: z.array(z.strictObject({ person, at: instant, onDuty: z.boolean() })),
    until: instant.nullable(),
  })
  .meta({ id: "EmergencySummary" });

export const emergency = z
  .strictObject({
    ...emergencySummary.shape,
    debts: z.array(debt),
    announcements: z.array(announcement),
  })
  .meta({ id: "Emergency" });

const byEmergency = z.strictObject({ id: z.string().regex(/^EM-\d{1,12}$/, "an emergency such as EM-7") });
const names = z.array(entityName).max(50);

export const openEmergency = defineRoute({
  method: "post",
  path: "/v1/emergencies",
  operation: "openEmergency",
  tag: "exemption",
  summary: "Open an emergency ticket for one digest and named places; its impact is computed and announced",
  permission: "emergency.open",
  body: z.strictObject({
    /** Key of the incident elsewhere. */
    ticket: z.string().min(1).max(100),
    /** Empty: nothing is permitted on it. */
    cause: z.string().max(2000),
    service: entityName,
    version,
    environments: names.min(1),
    /** What of the checklist of the policies is confirmed. */
    criteria: names.default([]),
    /** Hard freezes that it may pass. */
    passesFreezes: names.default([]),
  }),
  answers: { 200: emergency },
  problems: ["no-such-service", "no-such-environment", "no-such-artifact", "no-such-freeze"],
});

export const approveEmergency = defineRoute({
  method: "post",
  path: "/v1/emergencies/:id/approve",
  operation: "approveEmergency",
  tag: "exemption",
  summary: "Approve an emergency while on duty; with the last approval needed its permission begins",
  permission: "emergency.approve",
  params: byEmergency,
  answers: { 200: emergency },
  problems: [
    "no-such-emergency",
    "own-request",
    "own-work",
    "not-on-duty",
    "already-approved",
    "permission-over",
    "ticket-incomplete",
  ],
});

export const getEmergency = defineRoute({
  method: "get",
  path: "/v1/emergencies/:id",
  operation: "getEmergency",
  tag: "exemption",
  summary: "One emergency with what it owes and whom it was announced to",
  permission: "deployment.read",
  params: byEmergency,
  answers: { 200: emergency },
  problems: ["no-such-emergency"],
});

export const listEmergencies = defineRoute({
  method: "get",
  path: "/v1/emergencies",
  operation: "listEmergencies",
  tag: "exemption",
  summary: "Emergencies, newest first",
  permission: "deployment.read",
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answers: { 200: z.strictObject({ items: z.array(emergencySummary) }) },
});

export const listDebts = defineRoute({
  method: "get",
  path: "/v1/debts",
  operation: "listDebts",
  tag: "exemption",
  summary: "What emergencies owe, the most urgent first",
  permission: "deployment.read",
  query: z.strictObject({
    team: entityName.optional(),
    emergency: byEmergency.shape.id.optional(),
    show: z.enum(["open", "all"]).default("open"),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answers: { 200: z.strictObject({ items: z.array(debt) }) },
});

export const payDebt = defineRoute({
  method: "post",
  path: "/v1/debts/:id/pay",
  operation: "payDebt",
  tag: "exemption",
  summary:
    "Record that what an emergency owed is done, and where that can be seen; a review by somebody who had no part in it",
  permission: "debt.pay",
  params: z.strictObject({ id: z.string().regex(/^DB-\d{1,12}$/, "a debt such as DB-4") }),
  body: z.strictObject({ evidence: z.string().min(1).max(2000) }),
  answers: { 200: debt },
  problems: ["no-such-debt", "already-paid", "own-request", "own-work", "not-entitled"],
});

export const listAnnouncements = defineRoute({
  method: "get",
  path: "/v1/announcements",
  operation: "listAnnouncements",
  tag: "exemption",
  summary: "What people were told about emergencies that they would feel, newest first",
  permission: "deployment.read",
  query: z.strictObject({
    person: z.string().max(200).optional(),
    object: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answers: { 200: z.strictObject({ items: z.array(announcement) }) },
});
