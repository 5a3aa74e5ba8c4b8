import { z } from "zod";
import { defineRoute } from "#contract/route.ts";

/** 16 MiB of text in one call, 1 MiB a file (`config` states the same limits for the command line). */
export const configurationBodyLimit = 17 * 1024 * 1024;

export const sourceFiles = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(500), text: z.string() }))
    .min(1)
    .max(2000),
});

export const configurationProblem = z
  .strictObject({
    path: z.string(),
    line: z.int(),
    column: z.int(),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    excerpt: z.string(),
  })
  .meta({ id: "ConfigurationProblem" });

export const configurationChange = z
  .strictObject({
    kind: z.string(),
    name: z.string(),
    change: z.enum(["added", "changed", "removed"]),
    fields: z.array(z.strictObject({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  })
  .meta({ id: "ConfigurationChange" });

const result = z.strictObject({
  applied: z.boolean(),
  revision: z.int().nullable(),
  changes: z.array(configurationChange),
});

export const applyConfiguration = defineRoute({
  method: "post",
  path: "/v1/configuration",
  operation: "applyConfiguration",
  tag: "catalog",
  summary: "Make the documents the configuration in force: all of them, or none when anything is wrong",
  permission: "configuration.apply",
  query: z.strictObject({ dryRun: z.enum(["server"]).optional() }),
  body: sourceFiles,
  answers: { 200: result },
  problems: ["invalid-configuration"],
  bodyLimit: configurationBodyLimit,
});

export const diffConfiguration = defineRoute({
  method: "post",
  path: "/v1/configuration/diff",
  operation: "diffConfiguration",
  tag: "catalog",
  summary: "What applying the documents would change",
  permission: "configuration.read",
  body: sourceFiles,
  answers: { 200: result },
  problems: ["invalid-configuration"],
  idempotent: false,
  bodyLimit: configurationBodyLimit,
});

export const exportConfiguration = defineRoute({
  method: "get",
  path: "/v1/configuration",
  operation: "exportConfiguration",
  tag: "catalog",
  summary: "The configuration in force as YAML",
  permission: "configuration.read",
  answers: { 200: z.strictObject({ revision: z.int().nullable(), yaml: z.string() }) },
});
