import type { Cover } from "./planning-queries.ts";
import type { SourceLook } from "./sources.ts";
import { minutesText } from "./words.ts";

/** Cover of one go-live in a word: a gap says how long it is. */
export function coverLook({ isJudged, gaps, unknown }: Pick<Cover, "isJudged" | "gaps" | "unknown">): SourceLook {
  if (!isJudged) return { tone: "rest", icon: "minus", label: "No rota is declared" };
  const longest = Math.max(0, ...gaps.map(minutesOf));
  if (longest > 0) return { tone: "bad", icon: "warning", label: `Gap of ${minutesText(longest)}` };
  if (unknown.length > 0) return { tone: "wait", icon: "question", label: "Not known" };
  return { tone: "good", icon: "check", label: "Covered" };
}

function minutesOf({ from, to }: { readonly from: string; readonly to: string }): number {
  return Math.round(Temporal.Instant.from(from).until(Temporal.Instant.from(to)).total("minutes"));
}
