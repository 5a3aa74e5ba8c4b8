import type { Context } from "hono";
import { z } from "zod";
import type { Refusal } from "#agent/refusal.ts";
import type { Place } from "#agent/world.ts";
import type { Result } from "#core/result.ts";

/** Path of everything about one service in one environment. */
export const servicePath = "/v1/environments/:environment/services/:service";

export function placeOf(context: Context): Place {
  return { environment: context.req.param("environment") ?? "", service: context.req.param("service") ?? "" };
}

/** Undefined, which no schema accepts, for a body that is not JSON. */
export function readBody(context: Context): Promise<unknown> {
  return context.req.json().catch(() => undefined);
}

export function answered(context: Context, result: Result<object, Refusal>): Response {
  return result.ok ? context.json(result.value) : refused(context, result.error);
}

export function refused(context: Context, { status, code, message }: Refusal): Response {
  return problem(context, status, code, message);
}

export function malformed(context: Context, error: z.ZodError): Response {
  return problem(context, 400, "bad-request", z.prettifyError(error));
}

export function problem(_context: Context, status: number, code: string, title: string): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ type: "about:blank", status, code, title }), { status, headers });
}
