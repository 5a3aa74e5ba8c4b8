import { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";
import type { Refusal } from "#agent/refusal.ts";

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const variable = z.string().regex(/^[A-Z][A-Z0-9_]{0,50}$/);
const absolute = z.string().regex(/^\/[^\0]{1,500}$/, "an absolute path");

/** What a value may be. There is no free text: whatever comes from a plan is one of a known set, or looks like a name. */
const parameter = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("name") }),
  z.strictObject({ type: z.literal("integer"), min: z.int(), max: z.int() }),
  z.strictObject({ type: z.literal("choice"), of: z.array(z.string().min(1).max(200)).min(1).max(100) }),
]);

/** A fixed argument, or the place of a parameter; `prefix` stands before the value in the same argument. */
const place = z.union([
  z.string().max(500),
  z.strictObject({ parameter: slug, prefix: z.string().min(1).max(100).optional() }),
]);

/** A command that may be run by its name. */
export const allowedCommand = z.strictObject({
  name: slug,
  /** All of the agent when left out. */
  environments: z.array(slug).min(1).max(50).optional(),
  program: absolute,
  args: z.array(place).max(50).default([]),
  parameters: z.record(slug, parameter).default({}),
  env: z.record(variable, z.string().max(500)).default({}),
  /** Variable → file with a secret, which only its owner may read; read when the command begins. */
  secrets: z.record(variable, z.string().min(1).max(500)).default({}),
  /** Where it runs; a folder of its own when left out. */
  folder: absolute.optional(),
  withinSeconds: z
    .int()
    .min(1)
    .max(24 * 3600)
    .default(3600),
  /** Exit codes that say: try again later. 75 is EX_TEMPFAIL of sysexits.h. */
  passingExitCodes: z.array(z.int().min(1).max(255)).max(20).default([75]),
});
export type AllowedCommand = z.infer<typeof allowedCommand>;

/** Letters, digits and a few marks; it cannot begin like an option, leave a folder or hold a blank. */
const nameShape = /^[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._:@/+-]{0,199}$/;

/**
 * The arguments of a command with its values in their places. Every parameter is given, none that it does not have, each
 * of its type; else `bad-argument`, and nothing is run.
 */
export function toArguments(
  { name, args, parameters }: AllowedCommand,
  given: Readonly<Record<string, string | number>>,
): Result<readonly string[], Refusal> {
  const stray = Object.keys(given).find((each) => !Object.hasOwn(parameters, each));
  if (stray !== undefined) return bad(`${name} has no parameter "${stray}".`);
  const values = new Map<string, string>();
  for (const [parameterName, type] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, parameterName) ? given[parameterName] : undefined;
    if (value === undefined) return bad(`${name} needs the parameter "${parameterName}".`);
    const problem = problemOf(type, value);
    if (problem !== null) return bad(`"${parameterName}" of ${name} ${problem}.`);
    values.set(parameterName, String(value));
  }
  return ok(
    args.map((each) => (typeof each === "string" ? each : `${each.prefix ?? ""}${values.get(each.parameter) ?? ""}`)),
  );
}

function problemOf(type: z.infer<typeof parameter>, value: string | number): string | null {
  switch (type.type) {
    case "name":
      return typeof value === "string" && nameShape.test(value)
        ? null
        : "must begin with a letter or digit and hold letters, digits and . _ : @ / + - only";
    case "integer":
      return typeof value === "number" && Number.isSafeInteger(value) && value >= type.min && value <= type.max
        ? null
        : `must be a whole number from ${type.min} to ${type.max}`;
    case "choice":
      return typeof value === "string" && type.of.includes(value) ? null : `must be one of: ${type.of.join(", ")}`;
  }
}

/** What is wrong with a command as it is configured; null: nothing. */
export function faultOfCommand({ name, args, parameters }: AllowedCommand): string | null {
  for (const each of args) {
    if (typeof each !== "string" && !Object.hasOwn(parameters, each.parameter)) {
      return `${name} has an argument for "${each.parameter}", which is no parameter of it`;
    }
  }
  return null;
}

function bad(message: string): Result<never, Refusal> {
  return err({ code: "bad-argument", status: 422, message });
}
