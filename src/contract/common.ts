import { z } from "zod";

/** An instant in UTC, RFC 3339 with `Z`: `2026-03-28T00:00:00Z`. */
export const instant = z.iso.datetime({ offset: false }).meta({ id: "Instant" });
/** An instant that a caller gives: within what the calendar and the store can hold. */
export const givenInstant = z.iso
  .datetime({ offset: false })
  .regex(/^(19[7-9]\d|2\d{3})-/, "an instant from 1970 to 2999")
  .refine((text) => !/\.\d{10}/.test(text), "an instant to the nanosecond at most");
export const entityName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,99}$/,
    "lower-case letters, digits, dot, underscore and hyphen; at most 100 characters",
  );
export const version = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}$/, "a version such as 1.4.0; at most 100 characters");
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hexadecimal digits");
export const deploymentId = z.string().regex(/^dep_[0-9a-f]{32}$/, "a deployment id: dep_ and 32 hexadecimal digits");
export const byDeployment = z.strictObject({ id: deploymentId });

/** RFC 9457. `code` is stable; sentences may change. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    /** Places of what is wrong, for `invalid-request` and `invalid-configuration`. */
    problems: z.array(z.unknown()).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problem>;

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/, "a cursor as it came in `next`")
    .optional(),
});

/** What the viewer may do with an object now, and if not, why not. */
export const action = z
  .strictObject({ name: z.string(), allowed: z.boolean(), because: z.string() })
  .meta({ id: "Action" });
