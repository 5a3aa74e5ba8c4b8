import { z } from "zod";
import { entityName, instant, pageQuery } from "#contract/common.ts";
import { externalUrl } from "#contract/gate.ts";
import { defineRoute } from "#contract/route.ts";

const byName = z.strictObject({ name: entityName });
/** Their names to ours; what is not named keeps its name. */
const names = z.record(z.string().min(1).max(255), entityName).refine((map) => Object.keys(map).length <= 500, {
  message: "at most 500 names",
});

export const callback = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    createdBy: z.string(),
    createdAt: instant,
    /** Deliveries that wait for another attempt, and those that were given up in the last 30 days. */
    waiting: z.int(),
    givenUp: z.int(),
    lastFailure: z.string().nullable(),
  })
  .meta({ id: "Callback" });

export const createCallback = defineRoute({
  method: "post",
  path: "/v1/callbacks",
  operation: "createCallback",
  tag: "release",
  summary: "A place to which gates may send their changes, signed as Standard Webhooks; the secret is shown once",
  permission: "hook.manage",
  body: z.strictObject({ name: entityName, url: externalUrl }),
  answers: { 201: z.strictObject({ callback, secret: z.string() }).meta({ id: "CreatedCallback" }) },
  problems: ["name-taken", "bad-address"],
  idempotent: false,
});

export const listCallbacks = defineRoute({
  method: "get",
  path: "/v1/callbacks",
  operation: "listCallbacks",
  tag: "release",
  summary: "Places to which gates may send their changes, with what could not be delivered",
  permission: "hook.manage",
  answers: { 200: z.strictObject({ items: z.array(callback) }) },
});

export const removeCallback = defineRoute({
  method: "delete",
  path: "/v1/callbacks/:name",
  operation: "removeCallback",
  tag: "release",
  summary: "Nothing is sent there any more; deliveries that wait are given up",
  permission: "hook.manage",
  params: byName,
  answers: { 200: callback },
  problems: ["no-such-callback"],
});

export const hook = z
  .strictObject({
    name: z.string(),
    scheme: z.enum(["standard", "github", "gitlab", "jenkins"]),
    /** What it sends is done with the rights of this account. */
    account: z.string(),
    services: z.record(z.string(), z.string()),
    environments: z.record(z.string(), z.string()),
    createdBy: z.string(),
    createdAt: instant,
    /** Until then the secret before the last rotation is accepted as well. */
    formerUntil: instant.nullable(),
    /** Path to which the system sends. */
    path: z.string(),
  })
  .meta({ id: "Hook" });

const withSecret = z.strictObject({ hook, secret: z.string() }).meta({ id: "HookWithSecret" });

export const createHook = defineRoute({
  method: "post",
  path: "/v1/hooks",
  operation: "createHook",
  tag: "release",
  summary: "Let a system send webhooks, with the rights of one of your accounts; the secret is shown once",
  permission: "hook.manage",
  body: z.strictObject({
    name: entityName,
    scheme: z.enum(["standard", "github", "gitlab", "jenkins"]),
    account: z.string().min(1).max(100),
    services: names.default({}),
    environments: names.default({}),
  }),
  answers: { 201: withSecret },
  problems: ["name-taken", "not-your-account"],
  idempotent: false,
});

export const listHooks = defineRoute({
  method: "get",
  path: "/v1/hooks",
  operation: "listHooks",
  tag: "release",
  summary: "Systems that may send webhooks",
  permission: "hook.manage",
  answers: { 200: z.strictObject({ items: z.array(hook) }) },
});

export const rotateHook = defineRoute({
  method: "post",
  path: "/v1/hooks/:name/rotate",
  operation: "rotateHook",
  tag: "release",
  summary: "A new secret; the one before is accepted for an hour, so that no delivery is lost",
  permission: "hook.manage",
  params: byName,
  answers: { 200: withSecret },
  problems: ["no-such-hook"],
  idempotent: false,
});

export const removeHook = defineRoute({
  method: "delete",
  path: "/v1/hooks/:name",
  operation: "removeHook",
  tag: "release",
  summary: "Accept nothing more of this system; what it sent stays on record",
  permission: "hook.manage",
  params: byName,
  answers: { 200: hook },
  problems: ["no-such-hook"],
});

export const hookDelivery = z
  .strictObject({
    id: z.string(),
    hook: z.string(),
    /** As the sender numbers it: the same twice has one effect. */
    delivery: z.string(),
    event: z.string(),
    receivedAt: instant,
    state: z.enum(["received", "done", "ignored", "failed"]),
    attempts: z.int(),
    handledAt: instant.nullable(),
    sentence: z.string().nullable(),
    gate: z.string().nullable(),
    bytes: z.int(),
  })
  .meta({ id: "HookDelivery" });

export const listHookDeliveries = defineRoute({
  method: "get",
  path: "/v1/hook-deliveries",
  operation: "listHookDeliveries",
  tag: "release",
  summary: "Webhooks as they came, newest first, with what became of each",
  permission: "hook.manage",
  query: z.strictObject({
    ...pageQuery.shape,
    hook: entityName.optional(),
    state: z.enum(["received", "done", "ignored", "failed"]).optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(hookDelivery), next: z.string().nullable() }) },
});

export const replayHookDelivery = defineRoute({
  method: "post",
  path: "/v1/hook-deliveries/:id/replay",
  operation: "replayHookDelivery",
  tag: "release",
  summary: "Handle a stored webhook again; what it has done already is not done twice",
  permission: "hook.manage",
  params: z.strictObject({ id: z.string().regex(/^hkd_[0-9a-f]{32}$/, "hkd_ and 32 hexadecimal digits") }),
  answers: { 202: hookDelivery },
  problems: ["no-such-delivery"],
});
