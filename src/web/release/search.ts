import { z } from "zod";
import { entityName, instant, version } from "#contract/common.ts";
import { deploymentState } from "#contract/release.ts";
import { deedSearch } from "#web/exemption/deeds.ts";
import { whySearch } from "#web/policy/search.ts";
import { lenient } from "#web/ui/lenient.ts";

/** State of the list of deployments, all of it in the URL. */
export const deploymentSearch = z.object({
  environment: lenient(entityName),
  service: lenient(entityName),
  state: lenient(z.union([deploymentState, z.literal("open"), z.literal("ended")])),
  /** `open`: the dialog that asks for a deployment. */
  request: lenient(z.literal("open")),
  version: lenient(version),
});
export type DeploymentSearch = z.output<typeof deploymentSearch>;

export const groupings = ["none", "team", "unit", "tier"] as const;
export type Grouping = (typeof groupings)[number];

export const reaches = ["day", "week", "month"] as const;
export type Reach = (typeof reaches)[number];

export const matrixSearch = z.object({
  /** The instant looked at; absent is now. */
  at: lenient(instant),
  group: lenient(z.enum(groupings)),
  /** How far back the slider goes. */
  reach: lenient(z.enum(reaches)),
  /** Part of a service's name. */
  find: lenient(z.string().max(100)),
});
export type MatrixSearch = z.output<typeof matrixSearch>;

/** The place that is looked at, and the dialog that is open. */
export const serviceSearch = z.object({ environment: lenient(entityName), ...deedSearch.shape });

export const deploymentPageSearch = z.object({
  ...whySearch.shape,
});

/** The metric whose picture is shown, its numbers as a table, and the dialog that is open. */
export const canarySearch = z.object({
  metric: lenient(z.enum(["errors", "latency"])),
  view: lenient(z.literal("table")),
  ask: lenient(z.string().max(40)),
});

/** Only what is set: the router then writes a short URL, and the API refuses parameters it does not know. */
export function present<T extends object>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  // Dropping the undefined members is exactly what the type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Plain `name=value` pairs, both ways: links stay readable, and `1.0` stays a version and not a number. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query.toString()}`;
}
