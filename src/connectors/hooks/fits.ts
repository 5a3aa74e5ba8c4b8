import type { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";

/** The value in the shape, or a sentence that names the first place where it is not. */
export function fits<T>(schema: z.ZodType<T>, value: unknown): Result<T, string> {
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const [first] = read.error.issues;
  const place = first === undefined ? "the body" : first.path.map(String).join(".").slice(0, 200);
  return err(
    `${place === "" ? "the body" : place} is not as expected: ${first?.message.slice(0, 200) ?? "unreadable"}`,
  );
}
