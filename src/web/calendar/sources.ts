import type { Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";
import { span } from "#web/ui/time.ts";
import type { BusinessCalendar, RotaSource } from "./planning-queries.ts";

export interface SourceLook {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly label: string;
}

/** How far a calendar can be trusted, in a word: what it says is in force whatever its age, and the age is shown. */
export function sourceLook({ source, importedAt, ageSeconds, failure }: BusinessCalendar): SourceLook {
  if (failure !== null) return { tone: "bad", icon: "warning", label: "Last try failed" };
  if (source === "inline") return { tone: "good", icon: "check", label: "In the configuration" };
  if (importedAt === null) return { tone: "wait", icon: "question", label: "Nothing imported yet" };
  return { tone: "good", icon: "check", label: ageSeconds === null ? "Good" : `Good ${span(ageSeconds)} ago` };
}

/** A rota is good as far as it reaches: after its end nobody knows who is on duty. */
export function rotaLook(
  { failure, importedAt, until, ageSeconds }: Pick<RotaSource, "failure" | "importedAt" | "until" | "ageSeconds">,
  now: Temporal.Instant,
): SourceLook {
  if (failure !== null) return { tone: "bad", icon: "warning", label: "Last try failed" };
  if (importedAt === null) return { tone: "wait", icon: "question", label: "Nothing imported yet" };
  const isOver = until !== null && Temporal.Instant.compare(Temporal.Instant.from(until), now) <= 0;
  if (isOver) return { tone: "bad", icon: "warning", label: "Ended" };
  return { tone: "good", icon: "check", label: ageSeconds === null ? "Good" : `Good ${span(ageSeconds)} ago` };
}

const effects: Readonly<Record<BusinessCalendar["events"][number]["effect"], SourceLook>> = {
  blackout: { tone: "bad", icon: "hold", label: "Blackout" },
  caution: { tone: "wait", icon: "warning", label: "Caution" },
  "pull-forward": { tone: "motion", icon: "arrow", label: "Pull forward" },
};

export const effectLook = (effect: BusinessCalendar["events"][number]["effect"]): SourceLook => effects[effect];
