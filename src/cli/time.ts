import { usage } from "./exit.ts";

/**
 * An instant from the command line: `2026-11-24T22:00[Europe/Berlin]`, or with an offset such as
 * `2026-11-24T21:00:00Z`. A bare local time is refused: nobody knows whose clock it means.
 */
export function parseAt(text: string): Temporal.Instant {
  try {
    if (text.includes("["))
      return Temporal.ZonedDateTime.from(text, { disambiguation: "compatible", offset: "reject" }).toInstant();
    return Temporal.Instant.from(text);
  } catch {
    throw usage(
      `"${text}" is not an instant. Write 2026-11-24T22:00[Europe/Berlin] or 2026-11-24T21:00:00Z; a time without zone or offset says nothing.`,
    );
  }
}

/** `3 h 12 m`, `45 s`, `2 d 4 h`: two units are enough for a person. */
export function roughly(duration: Temporal.Duration): string {
  const seconds = Math.abs(Math.round(duration.total("seconds")));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** An instant of the server for a table, where parts of a second only take room; JSON has them. */
export function toSecond(instant: string): string {
  return instant.replace(/\.\d+Z$/, "Z");
}
