import { factParts, partsText, type Hash } from "#core/policy/fact-parts.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";

/** When something was asked is no fact about the work. */
const aboutTheQuestion: ReadonlySet<string> = new Set(["at", "horizon"] satisfies (keyof Facts)[]);

/**
 * What a verdict was made from, apart from the instant, and what it said. Equal texts: no fact that the work depends on
 * has changed, and neither has the answer, so there is nothing to put on record and nobody to tell.
 */
export function fingerprint(facts: Facts, { decision, nextOpening }: Verdict, hash: Hash): string {
  const parts = factParts(facts, hash).filter(({ name }) => !aboutTheQuestion.has(name));
  return `${hash(partsText(parts))} ${decision} ${nextOpening?.toString() ?? "never"}`;
}
