import { checkedText } from "#config/fields.ts";
import { shorten } from "#config/plain.ts";
import { readInstant, readLocalDateTime } from "#config/time.ts";
import type { ValueProblem } from "#config/value-problem.ts";
import { zoneProblem } from "#config/zones.ts";
import { err, ok, type Result } from "#core/result.ts";

/**
 * A point in time: an instant (`2026-04-01T00:00:00Z`) or a local time with its zone (`2026-04-01T00:00[Europe/Berlin]`).
 * A local time without a zone is refused. In a gap it counts with the offset before it, in an overlap the first
 * (semantics §2.2).
 */
export function readMoment(text: string): Result<Temporal.Instant, ValueProblem> {
  const zoned = /^([^[\]]+)\[([^[\]]+)\]$/.exec(text);
  if (zoned === null) return readLocalDateTime(text).ok ? err(withoutZone(text)) : readInstant(text);
  const [, local = "", zone = ""] = zoned;
  const wrong = zoneProblem(zone, "named");
  if (wrong !== null) return err({ ...wrong, offset: local.length + 1 });
  const read = readLocalDateTime(local);
  return read.ok ? ok(read.value.toZonedDateTime(zone, { disambiguation: "compatible" }).toInstant()) : read;
}

function withoutZone(text: string): ValueProblem {
  const message = `"${shorten(text)}" is a local time without a zone.`;
  const remedy = `Write it with Z or an offset, or with its zone: "${shorten(text)}[Europe/Berlin]".`;
  return { code: "bad-instant", message, remedy };
}

export const momentField = (description: string): ReturnType<typeof checkedText> =>
  checkedText(
    (text) => {
      const read = readMoment(text);
      return read.ok ? null : read.error;
    },
    { description, examples: ["2026-04-01T00:00:00Z", "2026-04-01T00:00[Europe/Berlin]"] },
  );
