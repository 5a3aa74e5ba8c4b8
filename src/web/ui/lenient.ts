import type { z } from "zod";

/** A parameter that cannot be read counts as absent: an old or mistyped link still opens the page. */
export function lenient<T extends z.ZodType>(schema: T): z.ZodCatch<z.ZodOptional<T>> {
  return schema.optional().catch(undefined as z.output<T> | undefined);
}
