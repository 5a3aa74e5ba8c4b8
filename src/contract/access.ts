import { z } from "zod";
import { instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

export const me = z
  .strictObject({
    person: z.string(),
    displayName: z.string(),
    account: z.string(),
    roles: z.array(z.string()),
    teams: z.array(z.string()),
    permissions: z.array(z.string()),
    method: z.enum(["session", "token"]),
  })
  .meta({ id: "Me" });

export const whoAmI = defineRoute({
  method: "get",
  path: "/v1/me",
  operation: "whoAmI",
  tag: "access",
  summary: "Who the caller is and what they may do",
  permission: "organisation.read",
  answers: { 200: me },
});

/** The browser exchanges a token for an opaque session in an HttpOnly, SameSite=Strict cookie. */
export const logIn = defineRoute({
  method: "post",
  path: "/v1/sessions",
  operation: "logIn",
  tag: "access",
  summary: "Exchange a token for a session cookie",
  permission: "public",
  body: z.strictObject({ token: z.string().min(1).max(300) }),
  answers: { 200: me },
  problems: ["bad-token", "too-many-attempts"],
  idempotent: false,
});

export const logOut = defineRoute({
  method: "delete",
  path: "/v1/sessions",
  operation: "logOut",
  tag: "access",
  summary: "End the session",
  permission: "organisation.read",
  answers: { 200: z.strictObject({ ended: z.boolean() }) },
  idempotent: false,
});

/** A token is never broader and never lives longer than the one that made it. */
export const createToken = defineRoute({
  method: "post",
  path: "/v1/tokens",
  operation: "createToken",
  tag: "access",
  summary: "A new token for one of the caller's own accounts, shown once",
  permission: "token.manage",
  body: z.strictObject({
    account: z.string().min(1).max(100),
    label: z.string().min(1).max(100),
    expiresInHours: z
      .int()
      .min(1)
      .max(24 * 90),
  }),
  answers: { 200: z.strictObject({ id: z.string(), token: z.string(), expiresAt: instant }) },
  problems: ["not-your-account", "outlives-its-maker"],
  idempotent: false,
});

export const revokeToken = defineRoute({
  method: "delete",
  path: "/v1/tokens/:id",
  operation: "revokeToken",
  tag: "access",
  summary: "Revoke one of the caller's own tokens",
  permission: "token.manage",
  params: z.strictObject({ id: z.string().regex(/^tok_[0-9a-f]{32}$/) }),
  answers: { 200: z.strictObject({ revoked: z.boolean() }) },
  idempotent: false,
});
