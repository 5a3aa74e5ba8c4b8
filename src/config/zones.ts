import { nearest } from "#config/nearest.ts";
import { shorten } from "#config/plain.ts";
import type { ValueProblem } from "#config/value-problem.ts";

/** Answers are kept, because 50,000 documents name a dozen zones. Bounded: unknown names are not kept. */
const knownZones = new Set<string>();

/** True for an IANA name (also an old alias such as `Asia/Calcutta`) in its official spelling; an offset is no zone. */
function isZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  if (officialSpelling(name) !== name) return false;
  knownZones.add(name);
  return true;
}

function officialSpelling(name: string): string | null {
  if (!/^[A-Za-z]/.test(name) || name.length > 64) return null;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return null;
  }
}

export function zoneProblem(name: string, form: "named" | "named-or-target"): ValueProblem | null {
  if (isZone(name) || (form === "named-or-target" && name === "target")) return null;
  return {
    code: "unknown-zone",
    message: `"${shorten(name)}" is not an IANA zone known here.`,
    remedy: remedyFor(name, form),
  };
}

function remedyFor(name: string, form: "named" | "named-or-target"): string {
  if (form === "named" && name === "target") {
    return "Name the zone itself: an environment is what other rules mean by target.";
  }
  if (/^(UTC|GMT)?[+-]\d/.test(name))
    return "Name a place such as Europe/Berlin: an offset does not know clock changes.";
  const others = form === "named" ? [] : ["target"];
  const found = officialSpelling(name) ?? nearest(name, [...others, ...Intl.supportedValuesOf("timeZone"), "UTC"]);
  const target = form === "named" ? "" : ", or target for the zone of the environment";
  return found === null ? `Write an IANA name such as Europe/Berlin${target}.` : `Did you mean "${found}"?`;
}
