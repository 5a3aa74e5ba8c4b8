import { z } from "zod";
import { impacts, sessionKinds, writerKinds } from "#core/catalog/service.ts";

/** What is longer is no way back and no downtime that anybody plans for. */
const maxSeconds = 24 * 60 * 60;

const seconds = z.number().int().max(maxSeconds);

/** What decides how versions of a service may be rolled out. */
export const rolloutField = z
  .strictObject({
    writers: z.enum(writerKinds).optional().meta({
      description:
        "Processes that may write its state at a time. `single` excludes whatever runs two versions at once.",
    }),
    volumes: z.boolean().optional().meta({
      description: "It keeps data on a volume that one process has for itself.",
    }),
    sessions: z.enum(sessionKinds).optional().meta({
      description:
        "Where sessions of users live: nowhere, in the process that began them (`sticky`), or in a store that all share. Taken as `sticky` when left out.",
    }),
    versionMetrics: z.boolean().optional().meta({
      description: "Its metrics tell versions apart; `false` excludes canaries until they do.",
    }),
    rollbackSeconds: seconds.min(1).optional().meta({
      description: "Users must be on the former version again within this many seconds.",
    }),
    impact: z.enum(impacts).optional().meta({ description: "What a defect does to those who meet it." }),
    downtimeSeconds: seconds.min(0).optional().meta({
      description: "Seconds that its users accept to be without it; stop-start needs some.",
    }),
  })
  .optional()
  .meta({ description: "What decides how versions may be rolled out. What is left out has not been said." });

/** What an environment offers and the agent there cannot tell. */
export const placeField = z
  .strictObject({
    parallel: z.boolean().optional().meta({
      description: "There is room for two versions of a service at a time; `true` when left out.",
    }),
    replicas: z.boolean().optional().meta({
      description: "Services have a replica that can take over; `false` when left out.",
    }),
  })
  .optional()
  .meta({ description: "What the place offers to a rollout." });

type Said<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> };

/** The members of a field that were written: what was not said stays absent. */
export function said<T extends object>(field: T): Said<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parser: only members without a value are left out.
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== undefined)) as Said<T>;
}
