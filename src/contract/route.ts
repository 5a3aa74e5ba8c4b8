import { z } from "zod";
import type { Permission } from "#contract/permission.ts";
import type { ProblemCode } from "#contract/problem.ts";

/**
 * A route as data: server, clients, OpenAPI, authorisation, documentation and fuzzing come from the same definition.
 * `answers` lists every success status with its body; errors are problem+json with one of `problems` as `code`.
 */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answers extends AnswerSchemas = AnswerSchemas,
  Code extends ProblemCode = ProblemCode,
> {
  readonly method: "get" | "post" | "put" | "delete";
  /** Hono style: `/v1/deployments/:id`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: Tag;
  readonly summary: string;
  /** `public`: no identity needed (health, log-in). Everything else names one permission. */
  readonly permission: Permission | "public";
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answers: Answers;
  /** What the handler may refuse with; nothing else compiles there. */
  readonly problems: readonly Code[];
  /** Mutating routes take an `Idempotency-Key` and replay the stored answer. */
  readonly idempotent: boolean;
  /** Largest accepted body in bytes, unpacked. */
  readonly bodyLimit: number;
  /** For machines that pack what they send: gzip is taken as well. */
  readonly gzip: boolean;
  /** For whoever sends another type or encoding: what to set where; empty: nothing more than that it is JSON. */
  readonly notJson: string;
}

export type AnswerSchemas = Readonly<Record<number, z.ZodType>>;

/** Tags are domain nouns: the same as the folders of every zone (a test compares). */
export const tags = [
  "release",
  "approval",
  "policy",
  "exemption",
  "catalog",
  "calendar",
  "rollout",
  "rollback",
  "plan",
  "waves",
  "audit",
  "access",
  "runtime",
] as const;
export type Tag = (typeof tags)[number];

/** 64 KiB: ten times the largest request a person writes. */
export const defaultBodyLimit = 64 * 1024;

/** Takes nothing: unknown fields are refused everywhere. */
export const nothing = z.strictObject({});

type Optional = "params" | "query" | "body" | "problems" | "idempotent" | "bodyLimit" | "gzip" | "notJson";

export function defineRoute<
  const Answers extends AnswerSchemas,
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = typeof nothing,
  const Code extends ProblemCode = never,
>(
  route: Omit<Route<Params, Query, Body, Answers, Code>, Optional> &
    Partial<Pick<Route<Params, Query, Body, Answers, Code>, Optional>>,
): Route<Params, Query, Body, Answers, Code> {
  return {
    // A route without a schema for a part takes nothing there; the default type argument says the same.
    params: nothing as unknown as Params,
    query: nothing as unknown as Query,
    body: nothing as unknown as Body,
    problems: [],
    idempotent: route.method !== "get",
    bodyLimit: defaultBodyLimit,
    gzip: false,
    notJson: "",
    ...route,
  };
}
