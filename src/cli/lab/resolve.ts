import { z } from "zod";
import { resolvePoint } from "#core/calendar/resolve.ts";
import { labId, localDateTime, toLabError } from "./line.ts";

const line = z.object({ id: labId, local: localDateTime, zone: z.string() });

/**
 * A point in local time as an instant: `{id, local, zone}` gives `{id, instant}`; in a gap with the offset before it,
 * in an overlap the first. What cannot be read gives `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { id, local, zone } = parsed.data;
  const instant = resolvePoint(local, zone);
  return instant.ok ? { id, instant: instant.value.toString() } : { id, error: instant.error };
}
