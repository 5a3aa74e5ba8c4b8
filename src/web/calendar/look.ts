import { stateLook, type Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";
import type { Entry } from "./entries.ts";
import { lengthText, spanInZones } from "./words.ts";

export interface EntryLook {
  readonly tone: Tone;
  readonly icon: IconName;
}

export function entryLook({ kind, booking }: Entry): EntryLook {
  switch (kind) {
    case "opening":
      return { tone: "good", icon: "check" };
    case "freeze":
      return { tone: "bad", icon: "hold" };
    case "caution":
      return { tone: "wait", icon: "warning" };
    case "some":
      return { tone: "rest", icon: "minus" };
    case "booking":
      return booking === null ? { tone: "motion", icon: "play" } : stateLook(booking.state);
  }
}

/** Which rules open and close an opening; empty for everything else and at the borders of the page. */
export function causesOf({ kind, lane, span }: Entry): readonly string[] {
  if (kind !== "opening") return [];
  return (["from", "to"] as const).flatMap((edge) => {
    const border = lane.borders.find(({ at }) => Temporal.Instant.from(at).equals(span[edge]));
    if (border === undefined || border.causes.length === 0) return [];
    const causes = border.causes.map((cause) => `${cause.kind} ${cause.name} ${cause.edge}`).join(" and ");
    return [`${edge === "from" ? "Opens" : "Closes"} because ${causes}`];
  });
}

/** The whole of an entry in one sentence, for readers and tooltips: what, where, when on every clock, and why. */
export function describe(entry: Entry, zones: readonly string[]): string {
  const { title, detail, lane, span } = entry;
  const times = spanInZones(span, [...zones, lane.zone]).map(({ text }) => text);
  const parts = [`${title}${detail === "" ? "" : ` (${detail})`} in ${lane.environment}, ${lengthText(span)}`];
  return [...parts, ...times, ...causesOf(entry)].join("; ");
}
