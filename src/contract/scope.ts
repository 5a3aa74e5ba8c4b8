import { z } from "zod";

const globs = z
  .array(z.string().regex(/^[A-Za-z0-9._*?-]{1,128}$/, "a name, with * and ? as wildcards"))
  .min(1)
  .max(100);

/** What something is about: fields are ANDed, the globs of a field are ORed, `{}` is everything. */
export const scope = z
  .strictObject({
    environments: globs.optional(),
    services: globs.optional(),
    teams: globs.optional(),
    units: globs.optional(),
    tags: globs.optional(),
    regions: globs.optional(),
    dataClasses: globs.optional(),
    tiers: z.array(z.int().min(0).max(9)).min(1).max(10).optional(),
    classes: globs.optional(),
    actions: globs.optional(),
    invokers: globs.optional(),
  })
  .meta({ id: "Scope" });
